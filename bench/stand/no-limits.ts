import fp from 'fastify-plugin'

/** Stands where plugins/limits.ts does. */
export default fp(async app => { app.decorateRequest('admission', null) }, { name: 'limits' })
