/** The HTTP application: mounts each feature's routes in the order of FLOW; knows nothing else about them. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { routes as catalog } from './features/catalog/routes.ts'
import { routes as communities } from './features/communities/routes.ts'
import { routes as consultations } from './features/consultations/routes.ts'
import { routes as directory } from './features/directory/routes.ts'
import { routes as feedback } from './features/feedback/routes.ts'
import { routes as feeds } from './features/feeds/routes.ts'
import { routes as fhir } from './features/fhir/routes.ts'
import { authenticate } from './features/identity/authenticate.ts'
import { PUBLIC, SYSTEM } from './features/identity/permissions.ts'
import { routes as identity } from './features/identity/routes.ts'
import { routes as matching } from './features/matching/routes.ts'
import { routes as policies } from './features/policies/routes.ts'
import { routes as privacy } from './features/privacy/routes.ts'
import { routes as programs } from './features/programs/routes.ts'
import { mountLinkPages } from './features/referrals/link-pages.ts'
import { routes as referrals } from './features/referrals/routes.ts'
import { bulkBody } from './features/residents/fact-routes.ts'
import { routes as residents } from './features/residents/routes.ts'
import { routes as review } from './features/review/routes.ts'
import { keepUpWithClock } from './features/sandbox/open-sandbox.ts'
import { routes as sandbox } from './features/sandbox/routes.ts'
import { routes as search } from './features/search/routes.ts'
import { routes as settlement } from './features/settlement/routes.ts'
import { routes as subscriptions } from './features/subscriptions/routes.ts'
import { routes as supervision } from './features/supervision/routes.ts'
import { FLOW } from './flow.ts'
import { createContext, type Ground, type Sandbox, systemClock } from './platform/context.ts'
import type { Db } from './platform/db/client.ts'
import { allowedMethods } from './platform/http/allowed-methods.ts'
import { mountDocs } from './platform/http/docs.ts'
import { limitBodies, requireTypes } from './platform/http/file-bodies.ts'
import { asOperationOutcome } from './platform/http/operation-outcome.ts'
import { answerError, problem } from './platform/http/problem.ts'
import { requireJson } from './platform/http/require-json.ts'
import { createRouter, type Env } from './platform/http/router.ts'
import { createIdSource } from './platform/ids.ts'

const MAX_BODY = 1024 * 1024
const FILES = [bulkBody]

/** The application over an opened ground. Every request gets a context of its own. */
export function createApp(ground: Ground): OpenAPIHono<Env> {
  const app = createRouter()
  const clock = ground.clock ?? systemClock
  // One source for all requests: ids of one millisecond then still sort in the order they were made.
  const newId = ground.newId ?? createIdSource(clock)
  app.onError(answerError)
  app.notFound((c) => answerUnknown(app, c))
  app.use(secureHeaders())
  if (ground.sandbox) mountSandbox(app, ground.db, ground.sandbox)
  app.use('/fhir/*', asOperationOutcome)
  app.use('/hsds/*', cors({ origin: '*', allowMethods: ['GET', 'HEAD', 'POST', 'OPTIONS'] }))
  app.use(limitBodies(MAX_BODY, FILES))
  app.use(async (c, next) => {
    c.set('log', ground.log)
    await next()
  })
  app.use('/v1/*', async (c, next) => {
    const actor = await authenticate(ground.db, clock(), c.req.header('authorization'))
    c.set('ctx', createContext({ ...ground, newId, actor }))
    await next()
  })
  app.use('/fhir/*', async (c, next) => {
    c.set('ctx', createContext({ ...ground, newId, actor: PUBLIC }))
    await next()
  })
  app.use('/hsds/*', async (c, next) => {
    c.set('ctx', createContext({ ...ground, newId, actor: PUBLIC }))
    await next()
  })
  app.use('/a/*', async (c, next) => {
    c.set('ctx', createContext({ ...ground, newId, actor: PUBLIC }))
    await next()
  })
  app.use('/v1/*', requireTypes(FILES))
  app.use('/hsds/*', requireJson)
  app.get('/hsds', (c) => c.redirect('/hsds/', 308))
  mountRoutes(app)
  mountLinkPages(app)
  mountHealth(app, ground)
  mountDocs(app)
  app.get('/openapi.json', (c) => c.json(openapiDocument()))
  return app
}

/** Every answer says that nothing here is real, and is given at the time that any process has turned the clock to. */
function mountSandbox(app: OpenAPIHono<Env>, db: Db, sandbox: Sandbox): void {
  app.use(async (c, next) => {
    await next()
    c.header('Lifecircle-Sandbox', 'true')
  })
  for (const path of ['/v1/*', '/fhir/*', '/hsds/*', '/a/*']) {
    app.use(path, async (_c, next) => {
      await keepUpWithClock(db, sandbox)
      await next()
    })
  }
}

/** Nothing at this address, or nothing under this method. */
function answerUnknown(app: OpenAPIHono<Env>, c: Context<Env>): Response {
  const allowed = allowedMethods(app, c.req.path)
  if (allowed.length === 0) return problem(c, 404, 'not_found', 'There is nothing at this address.')
  c.header('Allow', allowed.join(', '))
  return problem(
    c,
    405,
    'method_not_allowed',
    `This address does not take ${c.req.method}, but ${allowed.join(', ')}.`,
  )
}

/** The OpenAPI 3.1 document. Needs neither server nor database. */
export function openapiDocument() {
  const app = createRouter()
  mountRoutes(app)
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: `lc_` and 43 characters',
  })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Lifecircle',
      version: '0.1.0',
      description:
        'Pairs residents’ needs with community services under budgets and capacity. Money is in minor units of the deployment’s currency; times are RFC 3339; errors are problem+json (RFC 9457).',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: FLOW.map(({ name, about }) => ({ name, description: about })),
  })
}

function mountRoutes(app: OpenAPIHono<Env>): void {
  app.openapiRoutes(identity)
  app.openapiRoutes(communities)
  app.openapiRoutes(policies)
  app.openapiRoutes(programs)
  app.openapiRoutes(directory)
  app.openapiRoutes(catalog)
  app.openapiRoutes(search)
  app.openapiRoutes(feeds)
  app.openapiRoutes(fhir)
  app.openapiRoutes(residents)
  app.openapiRoutes(matching)
  app.openapiRoutes(consultations)
  app.openapiRoutes(review)
  app.openapiRoutes(referrals)
  app.openapiRoutes(settlement)
  app.openapiRoutes(feedback)
  app.openapiRoutes(supervision)
  app.openapiRoutes(subscriptions)
  app.openapiRoutes(sandbox)
  app.openapiRoutes(privacy)
}

/** Alive, and able to answer: with what the operator should know about the database underneath. */
function mountHealth(app: OpenAPIHono<Env>, ground: Ground): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const ctx = createContext({ ...ground, actor: SYSTEM })
    await ctx.db.root.execute(sql`select 1`)
    const embedded = ctx.db.source.engine === 'pglite'
    return c.json({
      status: 'ok',
      database: embedded ? 'embedded' : 'postgresql',
      durability: embedded
        ? 'Survives a killed process, not a power failure: use PostgreSQL where data must not be lost.'
        : 'That of the PostgreSQL server.',
    })
  })
}
