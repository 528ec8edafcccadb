/**
 * Requests to addresses that somebody else chose (feeds, webhooks). Such an address may point at our own network:
 * every host is resolved here, refused unless it is public, and connected to at the very address that was checked.
 * The global `fetch` can't do that: it resolves again on its own, and may then get another answer.
 */
import { lookup } from 'node:dns/promises'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Refusal } from '../errors.ts'
import { isPublicAddress } from './public-address.ts'

export interface ResolvedAddress {
  address: string
  family: number
}

export interface SafeFetchOptions {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** The setting LIFECIRCLE_ALLOW_PRIVATE_URLS: also hosts of private networks. */
  allowPrivate?: boolean
  /** Which addresses may be connected to; those of the public internet by default. */
  isAllowed?: (address: string) => boolean
  /** All addresses of a host; the system's resolver by default. */
  resolve?: (host: string) => Promise<ResolvedAddress[]>
  /** Bytes of the answer's body beyond which it is refused; 16 MiB by default. */
  maxBytes?: number
  /** Milliseconds until the answer's head is there, and longest silence inside its body; 30,000 by default. */
  timeoutMs?: number
  /** Milliseconds for everything, redirects and body included; ten minutes by default. */
  totalTimeoutMs?: number
  /** Redirects followed, each address checked anew; 5 by default. 0: a redirect is the answer. */
  maxRedirects?: number
  signal?: AbortSignal
}

export interface SafeAnswer {
  /** The address that answered, after redirects. */
  url: string
  status: number
  /** Names in small letters; what came several times is joined with commas. */
  headers: Record<string, string>
}

const MOST_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 30_000
const TOTAL_TIMEOUT_MS = 600_000
const MOST_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

const resolveBySystem = (host: string): Promise<ResolvedAddress[]> => lookup(host, { all: true })

/**
 * Whether an address could be asked, as far as that can be told without asking a resolver.
 * @throws Refusal `invalid_input` (pointer `/url`) for one that is malformed or itself names a host that is not public.
 */
export function checkUrl(
  text: string,
  options: Pick<SafeFetchOptions, 'allowPrivate' | 'isAllowed'> = {},
): URL {
  const url = parseUrl(text)
  const host = bareHost(url)
  if (isIP(host)) requireAllowed([host], options)
  return url
}

/**
 * The whole answer, whatever its status.
 * @throws Refusal `invalid_input` (pointer `/url`) for an address that is malformed or not public, `unavailable` for
 *   a host that can't be found or reached, is too slow, sends too much or breaks off.
 */
export async function safeFetch(
  url: string,
  options: SafeFetchOptions = {},
): Promise<SafeAnswer & { body: Buffer }> {
  const { body, ...answer } = await safeOpen(url, options)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { ...answer, body: Buffer.concat(chunks) }
}

/**
 * The head of the answer, with its body as it comes in; the body must be read to its end or given up with `return`.
 * @throws Refusal as `safeFetch`; the limits of the body are refused while it is read.
 */
export async function safeOpen(
  url: string,
  options: SafeFetchOptions = {},
): Promise<SafeAnswer & { body: AsyncGenerator<Uint8Array> }> {
  const patience = AbortSignal.timeout(options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS)
  const signal = options.signal ? AbortSignal.any([patience, options.signal]) : patience
  let step: Step = { url: parseUrl(url), method: options.method ?? 'GET', headers: options.headers ?? {} }
  if (options.body !== undefined) step.body = options.body
  for (let redirects = options.maxRedirects ?? MOST_REDIRECTS; ; redirects--) {
    const answer = await ask(step, options, signal)
    const location = answer.headers.location
    const mayFollow = (options.maxRedirects ?? MOST_REDIRECTS) > 0
    if (!mayFollow || !location || !REDIRECTS.has(answer.statusCode ?? 0)) {
      return { ...headOf(answer, step.url), body: readBody(answer, step.url, options) }
    }
    answer.destroy()
    if (redirects === 0) throw unavailable(step.url, 'redirects too many times')
    step = redirected(step, location, answer.statusCode!)
  }
}

/** One request of a chain of redirects. */
interface Step {
  url: URL
  method: string
  headers: Record<string, string>
  body?: string | Uint8Array
}

/** What a browser would send next; names of a person never go to another origin. */
function redirected(step: Step, location: string, status: number): Step {
  const url = parseUrl(location, step.url)
  const isPrivate = (name: string) => /^(authorization|cookie|proxy-authorization)$/i.test(name)
  const headers =
    url.origin === step.url.origin
      ? step.headers
      : Object.fromEntries(Object.entries(step.headers).filter(([name]) => !isPrivate(name)))
  if (status === 307 || status === 308) return { ...step, url, headers }
  return { url, method: 'GET', headers }
}

/** @throws Refusal `invalid_input` unless it is an absolute http or https address without a name and password. */
function parseUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href))
    throw forbidden('it is not an absolute address such as https://example.org/')
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw forbidden('only http and https are followed')
  if (url.username !== '' || url.password !== '')
    throw forbidden('it must not hold a user name or a password')
  return url
}

/** Asks the host at an address that was checked, and at no other. */
async function ask(step: Step, options: SafeFetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const addresses = await checkedAddresses(step.url, options, signal)
  const send = step.url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((take, refuse) => {
    let request: ClientRequest
    try {
      request = send(step.url, {
        method: step.method,
        headers: step.headers,
        lookup: pinned(addresses),
        // A shared agent could hand out a connection that was opened without this check.
        agent: false,
        signal,
        timeout: options.timeoutMs ?? TIMEOUT_MS,
      })
    } catch (cause) {
      refuse(forbidden('a header or the address holds signs that HTTP does not allow', cause))
      return
    }
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', (cause) =>
      refuse(unavailable(step.url, `can't be reached (${reasonOf(cause)})`, cause)),
    )
    request.on('response', take)
    request.end(step.body)
  })
}

/** The host's addresses: one that is not public among them spoils them all, or it could be reached by chance. */
async function checkedAddresses(
  url: URL,
  options: SafeFetchOptions,
  signal: AbortSignal,
): Promise<ResolvedAddress[]> {
  const host = bareHost(url)
  const family = isIP(host)
  const addresses = family ? [{ address: host, family }] : await resolveHost(host, url, options, signal)
  requireAllowed(
    addresses.map(({ address }) => address),
    options,
  )
  return addresses
}

/** An address of IPv6 stands in brackets. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function requireAllowed(
  addresses: readonly string[],
  { allowPrivate, isAllowed = isPublicAddress }: Pick<SafeFetchOptions, 'allowPrivate' | 'isAllowed'>,
): void {
  if (allowPrivate || addresses.every((address) => isAllowed(address))) return
  throw forbidden('its host is not on the public internet')
}

async function resolveHost(
  host: string,
  url: URL,
  options: SafeFetchOptions,
  signal: AbortSignal,
): Promise<ResolvedAddress[]> {
  try {
    const addresses = await Promise.race([(options.resolve ?? resolveBySystem)(host), aborted(signal)])
    if (addresses.length > 0) return addresses
  } catch (cause) {
    throw unavailable(url, `can't be found (${reasonOf(cause)})`, cause)
  }
  throw unavailable(url, "can't be found")
}

/** A resolver can't be called off, only left alone. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, refuse) => {
    if (signal.aborted) refuse(signal.reason)
    else signal.addEventListener('abort', () => refuse(signal.reason), { once: true })
  })
}

/** Answers the question for the host with what was checked; Node asks for one address or for all. */
function pinned(addresses: ResolvedAddress[]): LookupFunction {
  return (_host, { all }, answer) => {
    const [first] = addresses
    if (all) answer(null, addresses)
    else answer(null, first!.address, first!.family)
  }
}

function headOf(answer: IncomingMessage, url: URL): SafeAnswer {
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return { url: url.href, status: answer.statusCode!, headers: Object.fromEntries(headers) }
}

async function* readBody(
  answer: IncomingMessage,
  url: URL,
  options: SafeFetchOptions,
): AsyncGenerator<Uint8Array> {
  const most = options.maxBytes ?? MOST_BYTES
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > most) throw unavailable(url, `sends more than the ${most} bytes that are taken`)
      yield chunk
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    throw unavailable(url, `broke off while it was answering (${reasonOf(cause)})`, cause)
  } finally {
    answer.destroy()
  }
}

/** A code such as ECONNREFUSED where there is one: an error's own text could tell of our network. */
function reasonOf(cause: unknown): string {
  const { code, name, message } = cause as { code?: unknown; name?: string; message?: string }
  if (name === 'AbortError' || name === 'TimeoutError' || message === 'no answer in time')
    return 'no answer in time'
  return typeof code === 'string' ? code : 'no further reason'
}

function forbidden(message: string, cause?: unknown): Refusal {
  return new Refusal('invalid_input', `The address can't be used: ${message}.`, {
    errors: [{ pointer: '/url', message }],
    cause,
  })
}

function unavailable(url: URL, message: string, cause?: unknown): Refusal {
  return new Refusal('unavailable', `${url.host} ${message}.`, { facts: { host: url.host }, cause })
}
