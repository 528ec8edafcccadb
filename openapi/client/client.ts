/** A typed client of the API; its types are generated from openapi/openapi.json by `npm run build`. */
import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './schema.d.ts'

export type LifecircleClient = Client<paths>

/**
 * A client for one API key.
 * @param baseUrl where the server is, for example `http://127.0.0.1:8787`.
 */
export function createLifecircleClient(baseUrl: string, key: string): LifecircleClient {
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } })
}

/** Starts a run and waits for its end: the shape of every answer is checked by the compiler. */
export async function matchArea(client: LifecircleClient, areaId: string, period: string) {
  const started = await client.POST('/v1/runs', { params: { header: {} }, body: { areaId, period } })
  if (!started.data) throw new Error(started.error.detail)
  for (;;) {
    const { data: run, error } = await client.GET('/v1/runs/{id}', {
      params: { path: { id: started.data.id } },
    })
    if (!run) throw new Error(error.detail)
    if (run.state !== 'queued' && run.state !== 'running') return run
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
