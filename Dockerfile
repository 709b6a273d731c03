# syntax=docker/dockerfile:1
#
# The image of Witan.
#
# This file was written where there is no container engine, and it was not built there. Build it once before you rely on it.
#
# While WITAN_AUTH is `development` the service listens on loopback only, so a published port reaches nothing.
# Until callers have tokens, run it with host networking:
#
#   docker build -t witan .
#   docker run --rm --network host -v witan-data:/data witan

FROM golang:1.26-bookworm AS go

# Go's compiler builds build/toolchain.wasm in the next stage: `npm run build` runs
#   GOOS=wasip1 GOARCH=wasm go build -trimpath -buildmode=c-shared -ldflags="-s -w" -o ../build/toolchain.wasm .
# in toolchain/, and skips it while the sources are those that it was made of.

FROM node:20-bookworm AS build
COPY --from=go /usr/local/go /usr/local/go
ENV PATH=/usr/local/go/bin:$PATH
WORKDIR /witan
# Dependencies (npm ci) and the toolchain change seldom: a layer of their own.
COPY package.json package-lock.json .npmrc ./
COPY scripts/setup.mjs scripts/setup.mjs
COPY toolchain toolchain
RUN node scripts/setup.mjs --toolchain-only
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
WORKDIR /witan
COPY --from=build /witan/package.json /witan/LICENSE /witan/NOTICE ./
COPY --from=build /witan/node_modules node_modules
COPY --from=build /witan/dist dist
COPY --from=build /witan/build/toolchain.wasm build/toolchain.wasm
COPY --from=build /witan/policies policies
COPY --from=build /witan/fixtures fixtures
RUN mkdir /data && chown node:node /data && chmod 700 /data
# Of the memory that threads let go, glibc gives back little where each has an arena of its own (docs/performance.md).
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    WITAN_HOST=127.0.0.1 \
    WITAN_PORT=8180 \
    WITAN_DATA_DIR=/data \
    WITAN_POLICIES=/witan/policies \
    WITAN_SEED=/witan/fixtures/mesh \
    WITAN_AUTH=development
USER node
VOLUME /data
EXPOSE 8180
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WITAN_PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
