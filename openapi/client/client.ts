/** A typed client of the API; `schema.ts` is made from the OpenAPI document by `npm run build`. */
import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './schema.ts'

export { type EventsOptions, type LifecircleEvent, readEvents } from './events.ts'

export type LifecircleClient = Client<paths>

/** The objects of the API by name, such as `Schemas['Referral']`. */
export type Schemas = components['schemas']

/**
 * A client for one API key. Every call answers `{ data }` or `{ error }`; `answerOf` turns the latter into an exception.
 * @param baseUrl where the server is, for example `http://127.0.0.1:8787`.
 */
export function createLifecircleClient(baseUrl: string, key: string): LifecircleClient {
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } })
}

/** A call that the server refused, with the problem (RFC 9457) it answered. */
export class LifecircleProblem extends Error {
  readonly problem: Schemas['Problem']

  constructor(problem: Schemas['Problem']) {
    super(problem.detail)
    this.name = 'LifecircleProblem'
    this.problem = problem
  }
}

/**
 * The data of an answer.
 * @throws LifecircleProblem where the server refused.
 */
export async function answerOf<Data>(call: Promise<{ data?: Data; error?: unknown }>): Promise<Data> {
  const { data, error } = await call
  if (error !== undefined) throw new LifecircleProblem(error as Schemas['Problem'])
  return data as Data
}

/** Starts a run and waits for its end: the shape of every answer is checked by the compiler. */
export async function matchArea(client: LifecircleClient, areaId: string, period: string) {
  const started = await answerOf(
    client.POST('/v1/runs', { params: { header: {} }, body: { areaId, period } }),
  )
  for (;;) {
    const run = await answerOf(client.GET('/v1/runs/{id}', { params: { path: { id: started.id } } }))
    if (run.state !== 'queued' && run.state !== 'running') return run
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
