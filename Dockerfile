# docker build -t tollgate .
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install script runs, so the development dependency `node` stays a stub: the image has its own.
RUN npm ci --ignore-scripts --no-audit --no-fund && rm -f node_modules/.bin/node
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts scripts/
COPY src src
COPY plugins plugins
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
# An allocator that gives back what large bodies took: docs/decisions/2026-11-23-the-image-has-jemalloc.md
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2 && rm -rf /var/lib/apt/lists/*
# Nothing is installed or downloaded at run time.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
  && mkdir /data && chown 65532:65532 /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
ENV NODE_ENV=production \
    LD_PRELOAD=libjemalloc.so.2 \
    MALLOC_CONF=background_thread:true,dirty_decay_ms:1000 \
    NODE_OPTIONS=--disable-warning=ExperimentalWarning \
    TOLLGATE_LISTEN=0.0.0.0:8080 \
    TOLLGATE_OPERATOR_LISTEN=0.0.0.0:9090 \
    TOLLGATE_DATA_DIR=/data
# The root file system may be read-only: only the data folder is written.
VOLUME /data
USER 65532:65532
# 8080: callers. 9090: operators, never to be published.
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "dist/src/cli.js", "healthcheck"]
ENTRYPOINT ["node", "dist/src/cli.js"]
CMD ["serve"]
LABEL org.opencontainers.image.title="tollgate" \
      org.opencontainers.image.description="Self-hosted, OpenAI-compatible gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
