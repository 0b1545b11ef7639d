# The builder can be another image with Go 1.26 and CA certificates, and modules
# can come from another proxy:
#   docker build --build-arg BUILDER=… --build-arg GOPROXY=… .
ARG BUILDER=golang:1.26
FROM ${BUILDER} AS build
ARG GOPROXY
# What the binary says of itself; there is no .git here to ask. "make image" gives
# both. The flags below are those of "make release", a test compares them.
ARG VERSION=devel
ARG COMMIT=
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags 'nomsgpack timetzdata' \
      -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" \
      -o /out/suitekeeper ./cmd/suitekeeper \
 && mkdir -p /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/suitekeeper /suitekeeper
# A new volume takes its owner from here, so that the server may write to it.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
# The default of the key data, ./data, is /data from here. No ENV sets a key: it
# would win over the configuration file. Set SUITEKEEPER_LISTEN=:8080 to publish
# the port of the callbacks.
WORKDIR /
VOLUME /data
EXPOSE 8080
# It asks where SUITEKEEPER_LISTEN says. When the command names a --config file,
# name it in a health check of your own, too.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/suitekeeper", "healthcheck"]
ENTRYPOINT ["/suitekeeper"]
CMD ["serve"]
