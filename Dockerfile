# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/connector
COPY locks/production.txt locks/production.txt
RUN /opt/connector/bin/pip install --no-cache-dir --require-hashes -r locks/production.txt
COPY pyproject.toml README.md ./
COPY connector connector
RUN /opt/connector/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/connector connector
COPY --from=build /opt/connector /opt/connector
USER 10001
WORKDIR /var/lib/connector
ENV PATH=/opt/connector/bin:$PATH PYTHONUNBUFFERED=1
# Mount config.toml here; connector.db is kept beside it.
VOLUME ["/var/lib/connector"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=5m CMD ["connector", "check", "--running"]
ENTRYPOINT ["connector"]
CMD ["run"]
