# syntax=docker/dockerfile:1

# A static binary: Alpine's Rust builds for musl. Registry and build folder are cache mounts, so that a change of the sources
# compiles only what changed.
FROM rust:1.95-alpine AS build
# hadolint ignore=DL3018
RUN apk add --no-cache build-base ca-certificates
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates crates
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked --package server \
    && install -D target/dist/ferrite /out/usr/local/bin/ferrite
# Names that scripts written for Appwrite call inside its container; the binary looks at the name it was called by.
WORKDIR /out/usr/local/bin
RUN for name in doctor vars migrate ssl maintenance realtime interval \
        schedule-functions schedule-executions schedule-messages \
        worker-audits worker-builds worker-certificates worker-databases worker-deletes worker-executions worker-functions \
        worker-mails worker-messaging worker-migrations worker-screenshots worker-stats-resources worker-stats-usage worker-webhooks; \
    do ln -s ferrite "$name"; done \
    && mkdir /out/storage

FROM scratch
LABEL org.opencontainers.image.title="Ferrite" \
      org.opencontainers.image.description="A self-hosted backend server that speaks Appwrite's API" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/usr /usr
# A named volume takes over the owner of this folder.
COPY --from=build --chown=10001:10001 /out/storage /storage
ENV PATH=/usr/local/bin \
    FERRITE_DATA=/storage \
    FERRITE_LISTEN=0.0.0.0:80
USER 10001:10001
VOLUME /storage
EXPOSE 80
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s --retries=3 CMD ["ferrite", "healthcheck"]
ENTRYPOINT ["ferrite"]
CMD ["serve"]
