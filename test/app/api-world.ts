/** The application over a world of its own, with a key for every role, and for strangers of the same roles. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { createApp } from '../../src/app.ts'
import { issueKey } from '../../src/features/identity/issue-key.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../../src/features/identity/schemas.ts'
import { REACTIONS } from '../../src/jobs.ts'
import { type Actor, clockOf, inTransaction, type Sandbox } from '../../src/platform/context.ts'
import type { Env } from '../../src/platform/http/router.ts'
import { employ, organize } from '../features/referrals/proposed-run.ts'
import { openTestDb, type Rung, type TestWorld } from '../support/test-world.ts'

export interface Answer {
  status: number
  type: string | null
  headers: Headers
  /** The body as it came. */
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server answers
  body: any
}

/** Sends a request with a key, or with none. */
export type Send = (
  key: string | null,
  method: string,
  path: string,
  init?: { body?: string; headers?: Record<string, string> },
) => Promise<Answer>

/** A caller of every role, and a second provider. */
export type Caller = Role | 'otherProvider'

export interface ApiWorld {
  world: TestWorld
  app: OpenAPIHono<Env>
  actors: Record<Caller, Actor>
  keys: Record<Caller, string>
  send: Send
  request(
    caller: Caller,
    ...rest: Parameters<Send> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<Answer>
  close(): Promise<void>
}

const CALLERS: Record<Caller, OrganizationKind> = {
  partner: 'partner',
  provider: 'provider',
  'purchaser.officer': 'purchaser',
  'purchaser.finance': 'purchaser',
  supervisor: 'supervisor',
  operator: 'operator',
  otherProvider: 'provider',
}

export async function openApi(rung?: Rung): Promise<ApiWorld> {
  const world = await openTestDb(rung)
  const app = appOver(world)
  const send = sender(app)
  const actors = await inTransaction(world.context(SYSTEM), async (ctx) => {
    const hired: Partial<Record<Caller, Actor>> = {}
    for (const [caller, kind] of Object.entries(CALLERS) as [Caller, OrganizationKind][]) {
      const role = caller === 'otherProvider' ? 'provider' : caller
      hired[caller] = await employ(ctx, await organize(ctx, kind), role)
    }
    return hired as Record<Caller, Actor>
  })
  const keys = {} as Record<Caller, string>
  for (const caller of Object.keys(actors) as Caller[]) keys[caller] = await keyOf(world, actors[caller])
  const request: ApiWorld['request'] = (caller, ...rest) => send(keys[caller], ...rest)
  return { world, app, actors, keys, send, request, close: () => world.close() }
}

/** In a sandbox, the world’s clock is the machine’s. */
export function appOver(
  { db, log, clock, encryptionKey }: TestWorld,
  sandbox: Sandbox | null = null,
): OpenAPIHono<Env> {
  const time = sandbox ? { sandbox, clock: clockOf(sandbox, clock.read) } : { clock: clock.read }
  const ground = { db, log, ...time, encryptionKey, currency: 'TWD' }
  return createApp({ ...ground, reactions: REACTIONS })
}

export async function keyOf(world: TestWorld, { principalId }: Actor): Promise<string> {
  return (await issueKey(world.context(SYSTEM), { principalId })).key
}

export function sender(app: OpenAPIHono<Env>): Send {
  return async (key, method, path, { body, headers = {} } = {}) => {
    const response = await app.request(path, {
      method,
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
      ...(body === undefined ? {} : { body }),
    })
    const type = response.headers.get('content-type')
    const text = type?.startsWith('text/event-stream') ? await opened(response) : await response.text()
    const isJson = type?.includes('json') ?? false
    return {
      status: response.status,
      type,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : text,
    }
  }
}

/** The first message of an answer without end. */
async function opened(response: Response): Promise<string> {
  const reader = response.body!.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return new TextDecoder().decode(value)
}
