#!/bin/sh
# Make the namespace and the search attributes that orders are found by.
# Safe to run again: what exists is left as it is.
set -eu

until temporal operator cluster health >/dev/null; do
    sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d

# A new namespace is known to the whole server only after some seconds.
until known=$(temporal operator search-attribute list 2>/dev/null); do
    sleep 2
done
for attribute in \
    LwSegments:KeywordList \
    LwFulfillmentCenters:KeywordList \
    LwCarriers:KeywordList \
    LwStatus:Keyword \
    LwDestination:Keyword \
    LwReview:Keyword \
    LwDeliverBy:Datetime \
    LwCostCents:Int; do
    name=${attribute%%:*}
    if ! echo "$known" | grep -qw "$name"; then
        temporal operator search-attribute create \
            --name "$name" --type "${attribute##*:}"
    fi
done
