# withings-exporter and nothing else: no shell, no root, nothing to write but /data.
#
#   docker build -t withings-exporter .
#   docker run --rm -p 127.0.0.1:10054:10054 --read-only withings-exporter demo
#
# For other machines: docker buildx build --platform linux/amd64,linux/arm64,linux/arm/v7 .
# Buildah 1.28 and older want to be told --build-arg BUILDPLATFORM=linux/amd64, too.
ARG GO_IMAGE=docker.io/library/golang:1.26

# The compiler runs on the machine that builds, whatever it builds for.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG TARGETVARIANT
ARG VERSION
ARG REVISION
ARG DATE
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH GOARM=${TARGETVARIANT#v} \
    .ci/build /image/withings-exporter \
 && mkdir -p /image/usr/share/doc/withings-exporter \
 && cp LICENSE NOTICE /image/usr/share/doc/withings-exporter/ \
 && .ci/sbom /image/withings-exporter "${VERSION:-0.0.0-snapshot}" /image/usr/share/doc/withings-exporter/withings-exporter.cdx.json \
 && mkdir -p /image/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && mkdir -p -m 0700 /volume/data

FROM scratch
COPY --from=build /image/ /
# By its parent, so that it keeps its mode; volumes take owner and mode from it.
COPY --from=build --chown=65532:65532 /volume/ /

ARG VERSION
ARG REVISION
ARG DATE
LABEL org.opencontainers.image.title="withings-exporter" \
      org.opencontainers.image.description="Withings measurements for Prometheus, InfluxDB and Grafana" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$DATE"

# withings.yaml is looked for in the working directory. The demo's people never
# come into the state directory; what is temporary goes to the one place to write.
WORKDIR /data
ENV WITHINGS_STATE_DIR=/data \
    WITHINGS_WEB_LISTEN_ADDRESS=:10054 \
    TMPDIR=/data
USER 65532:65532
EXPOSE 10054
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
  CMD ["/withings-exporter", "check", "--alive"]
ENTRYPOINT ["/withings-exporter"]
