/** Asks an HSDS API, patiently: what fails for a while is asked again, what fails for good is a refusal. */
import { isUtf8 } from 'node:buffer'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { JsonError } from '../../../engine/strict-json.ts'
import { Refusal } from '../../../platform/errors.ts'
import { type SafeFetchOptions, safeFetch } from '../../../platform/http/safe-fetch.ts'
import { parseJson } from '../json/json-values.ts'

export interface LiveClientOptions
  extends Pick<SafeFetchOptions, 'allowPrivate' | 'resolve' | 'timeoutMs' | 'signal'> {
  /** Reads a Retry-After that is a date. */
  clock: () => Date
  /** Waits a number of milliseconds. */
  sleep?: (milliseconds: number) => Promise<void>
}

export interface LiveClient {
  /** The address of a path below the API's root, with parameters beside those the root came with. */
  address(path: string, parameters?: Record<string, string>): string
  /** The same without parameters, which may hold a key: how the reports name it. */
  name(path: string): string
  /** The JSON behind an address; undefined where there is no such thing (404, 405, 410, 501). */
  get(address: string): Promise<unknown>
}

const RETRIES = 3
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 60_000
/** Of one page. */
const MOST_BYTES = 32 * 1024 * 1024
const ABSENT = new Set([404, 405, 410, 501])

/** @throws Refusal `invalid_input` for a root that is no address. Requests throw as `get` of `safeFetch` does. */
export function createLiveClient(base: string, options: LiveClientOptions): LiveClient {
  if (!URL.canParse(base)) throw invalid('it is not an absolute address such as https://example.org/hsds')
  const below = (path: string) => {
    const url = new URL(base)
    const root = url.pathname.replace(/\/+$/, '')
    url.pathname = path === '' ? root : `${root}/${path}`
    url.hash = ''
    return url
  }
  return {
    address(path, parameters = {}) {
      const url = below(path)
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    name(path) {
      const url = below(path)
      url.search = ''
      return url.href
    },
    get: (address) => getJson(address, options),
  }
}

async function getJson(address: string, options: LiveClientOptions): Promise<unknown> {
  const sleep = options.sleep ?? ((milliseconds) => sleepFor(milliseconds, undefined))
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(address, options)
    if (!(answer instanceof Refusal)) {
      const { status, body } = answer
      if (ABSENT.has(status)) return undefined
      if (status < 500 && status !== 429) return contentOf(address, status, body)
    }
    if (attempt === RETRIES) throw answer instanceof Refusal ? answer : failed(address, answer.status)
    await sleep(waitBefore(attempt, answer instanceof Refusal ? undefined : answer.retryAfter, options))
  }
}

type Answer = { status: number; body: Buffer; retryAfter: string | undefined }

async function ask(address: string, options: LiveClientOptions): Promise<Answer | Refusal> {
  const { allowPrivate, resolve, timeoutMs, signal } = options
  const given = { allowPrivate, resolve, timeoutMs, signal }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  try {
    const headers = { accept: 'application/json' }
    const answer = await safeFetch(address, { ...known, headers, maxBytes: MOST_BYTES })
    return { status: answer.status, body: answer.body, retryAfter: answer.headers['retry-after'] }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unavailable' && !signal?.aborted) return error
    throw error
  }
}

/** What the server asks for, within reason, or twice as long each time. */
function waitBefore(attempt: number, retryAfter: string | undefined, { clock }: LiveClientOptions): number {
  const asked = /^\s*\d+\s*$/.test(retryAfter ?? '')
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter ?? '') - clock().getTime()
  const wait = Number.isFinite(asked) ? Math.max(asked, 0) : FIRST_WAIT_MS * 2 ** attempt
  return Math.min(wait, LONGEST_WAIT_MS)
}

function contentOf(address: string, status: number, body: Buffer): unknown {
  if (status !== 200) throw failed(address, status)
  if (!isUtf8(body)) throw invalid(`${address} holds bytes that are not UTF-8`)
  try {
    return parseJson(body.toString('utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    if (error instanceof JsonError) throw invalid(`what ${address} answers ${error.message}`)
    throw error
  }
}

function failed(address: string, status: number): Refusal {
  return new Refusal('unavailable', `The feed can't be read: ${address} answers with status ${status}.`, {
    facts: { address, status },
  })
}

/** The refusal of an address that answers, but not as an HSDS API. */
export function invalid(message: string): Refusal {
  return new Refusal('invalid_input', `The feed can't be read: ${message}.`, {
    errors: [{ pointer: '/url', message }],
  })
}
