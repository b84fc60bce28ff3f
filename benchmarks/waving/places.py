"""Ninety-nine of the most populous cities of the United States."""

from dataclasses import dataclass

from domain.quantities import Place


@dataclass(frozen=True)
class City:
    name: str
    latitude: float
    longitude: float
    thousands: int

    def place(self, postal_code: str) -> Place:
        return Place(
            postal_code=postal_code,
            city=self.name,
            latitude=self.latitude,
            longitude=self.longitude,
        )


def cities() -> tuple[City, ...]:
    rows = (line.split("|") for line in _CITIES.split())
    return tuple(
        City(name.replace("_", " "), float(latitude), float(longitude), int(thousands))
        for name, latitude, longitude, thousands in rows
    )


# Name, latitude, longitude, thousands of inhabitants.
_CITIES = """
New_York|40.69|-73.92|18680 Los_Angeles|34.11|-118.41|12531
Chicago|41.84|-87.69|8587 Miami|25.78|-80.21|6076
Dallas|32.79|-96.77|5911 Houston|29.79|-95.39|5724
Philadelphia|40.01|-75.13|5540 Atlanta|33.76|-84.42|5151
Washington|38.90|-77.02|5067 Boston|42.32|-71.09|4466
Phoenix|33.57|-112.09|4188 Detroit|42.38|-83.10|3731
San_Francisco|37.76|-122.44|3558 Seattle|47.62|-122.32|3531
San_Diego|32.83|-117.12|3178 Minneapolis|44.96|-93.27|2886
Tampa|27.99|-82.44|2772 Brooklyn|40.65|-73.95|2736
Denver|39.76|-104.88|2709 Queens|40.75|-73.80|2405
Baltimore|39.31|-76.61|2270 Las_Vegas|36.23|-115.27|2165
St._Louis|38.64|-90.25|2144 Riverside|33.94|-117.39|2112
Portland|45.54|-122.65|2073 San_Antonio|29.46|-98.52|2036
Sacramento|38.57|-121.47|1882 San_Juan|18.40|-66.06|1855
San_Jose|37.30|-121.85|1797 Orlando|28.48|-81.34|1792
Cleveland|41.48|-81.68|1742 Pittsburgh|40.44|-79.98|1719
Manhattan|40.78|-73.97|1694 Austin|30.30|-97.75|1686
Cincinnati|39.14|-84.51|1685 Indianapolis|39.78|-86.15|1637
Kansas_City|39.12|-94.55|1602 Columbus|39.99|-82.99|1548
Charlotte|35.21|-80.83|1526 Virginia_Beach|36.73|-76.04|1476
Bronx|40.85|-73.87|1473 Milwaukee|43.06|-87.97|1390
Providence|41.82|-71.42|1204 Jacksonville|30.33|-81.67|1165
Salt_Lake_City|40.78|-111.93|1136 Nashville|36.17|-86.78|1082
Raleigh|35.83|-78.64|1074 Memphis|35.11|-89.97|1072
Richmond|37.53|-77.48|1025 Louisville|38.17|-85.65|1005
New_Orleans|30.07|-89.93|958 Bridgeport|41.19|-73.20|949
Oklahoma_City|35.47|-97.51|947 Buffalo|42.90|-78.85|927
Hartford|41.77|-72.68|918 Fort_Worth|32.78|-97.35|892
Tucson|32.15|-110.88|883 McAllen|26.23|-98.25|805
El_Paso|31.85|-106.43|798 Omaha|41.26|-96.05|791
Albuquerque|35.11|-106.65|763 Birmingham|33.53|-86.80|754
Sarasota|27.34|-82.54|727 Dayton|39.78|-84.20|724
Rochester|43.17|-77.62|720 Fresno|36.78|-119.79|702
Tulsa|36.13|-95.90|698 Allentown|40.60|-75.48|689
Concord|37.97|-122.00|667 Cape_Coral|26.64|-82.00|649
Charleston|32.82|-79.97|645 Colorado_Springs|38.87|-104.76|621
Springfield|42.12|-72.54|616 Grand_Rapids|42.96|-85.66|615
Ogden|41.23|-111.97|615 Columbia|34.04|-80.90|610
Baton_Rouge|30.44|-91.13|605 Knoxville|35.97|-83.95|604
Mission_Viejo|33.61|-117.66|601 Albany|42.67|-73.80|591
Akron|41.08|-81.52|570 New_Haven|41.31|-72.92|567
Provo|40.25|-111.65|564 Bakersfield|35.35|-119.04|557
Murrieta|33.57|-117.19|524 Des_Moines|41.57|-93.61|519
Worcester|42.27|-71.81|516 Mesa|33.40|-111.72|509
Toledo|41.66|-83.58|499 Palm_Bay|27.96|-80.66|497
Staten_Island|40.58|-74.15|496 Wichita|37.69|-97.34|485
Harrisburg|40.28|-76.88|472 Long_Beach|33.80|-118.17|462
Little_Rock|34.73|-92.36|447 Madison|43.08|-89.39|445
Greenville|34.84|-82.36|441 Reno|39.55|-119.85|441
Port_St._Lucie|27.28|-80.39|435
"""
