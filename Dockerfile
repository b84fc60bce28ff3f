# One image for every process of Lanewise: `docker run lanewise worker`, `… api`, …
FROM python:3.11.13-slim-bookworm AS build

RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY domain domain
COPY segmentation segmentation
COPY optimizer optimizer
COPY connectors connectors
COPY conformance conformance
COPY store store
COPY verification verification
COPY activities activities
COPY workflows workflows
COPY lanewise lanewise
RUN uv venv /opt/lanewise \
    && VIRTUAL_ENV=/opt/lanewise uv pip install --no-cache -c requirements.lock .

FROM python:3.11.13-slim-bookworm

COPY --from=build /opt/lanewise /opt/lanewise
ENV PATH=/opt/lanewise/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/tmp/numba \
    LANEWISE_LOG_FORMAT=json
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin lanewise
USER lanewise
WORKDIR /home/lanewise
EXPOSE 8000 8100
ENTRYPOINT ["lanewise"]
CMD ["--help"]
