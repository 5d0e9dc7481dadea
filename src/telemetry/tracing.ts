import type { TextMapPropagator, Tracer } from '@opentelemetry/api'

/** How spans are made, joined to the traces of callers and upstreams, and sent. */
export interface Tracing {
  readonly tracer: Tracer
  /** W3C trace context. */
  readonly propagator: TextMapPropagator
  /** Sends what is held back, and stops. Spans are lost rather than waited for: it ends soon, and never rejects. */
  shutdown (): Promise<void>
}

/** A collector may take so long for a batch, retries included, ms. */
const exportTimeout = 2_000

/**
 * Sends spans to a collector, OTLP over HTTP. The SDK is loaded only here: without a collector nobody pays its 18 MB. It reads the rest of
 * the usual variables itself: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS`, …
 *
 * @param endpoint as in `OTEL_EXPORTER_OTLP_ENDPOINT`: without `/v1/traces`, and without a trailing slash
 */
export async function startTracing (endpoint: string, version: string): Promise<Tracing> {
  const [{ W3CTraceContextPropagator }, { BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { detectResources, envDetector, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/core'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources')
  ])
  const own = resourceFromAttributes({ 'service.name': 'tollgate', 'service.version': version })
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: exportTimeout })
  const provider = new TracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter })]
  })
  return {
    tracer: provider.getTracer('tollgate', version),
    propagator: new W3CTraceContextPropagator(),
    shutdown: async () => { await provider.shutdown().catch(() => {}) }
  }
}
