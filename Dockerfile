# Not tried yet: no Docker engine was at hand where this was written. The steps inside are those of the README.
#
# Build:  docker build -t flyball .
# Run:    docker compose up   (docker-compose.yml brings Redis and the settings)

FROM rust:1.95-slim-bookworm AS build
# aws-lc, the cryptography below TLS and the App's key, is C: it needs a compiler and cmake.
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc g++ cmake make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin flyball \
    && install -D target/release/flyball /out/bin/flyball \
    && install -d /out/data

FROM debian:12-slim
# curl is for the health check alone: the program answers GET /healthz and needs no second way to ask it.
# git is for FLYBALL_MIRROR alone: mirrors are fetched with it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin flyball
COPY --from=build /out/bin/flyball /usr/local/bin/flyball
# The embedded store, used when no FLYBALL_REDIS_URL is given. Mount a volume here, or lose it with the container.
COPY --from=build --chown=10001:10001 /out/data /var/lib/flyball
USER 10001:10001
ENV FLYBALL_LISTEN=0.0.0.0:3000 \
    FLYBALL_DATA_DIR=/var/lib/flyball
VOLUME /var/lib/flyball
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:3000/healthz"]
# SIGTERM: no new work is begun, what is in flight is finished, leases are given back.
STOPSIGNAL SIGTERM
ENTRYPOINT ["flyball"]
CMD ["serve"]
