import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../../src/platform/config.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { isPublicAddress } from '../../../src/platform/http/public-address.ts'
import { type SafeFetchOptions, safeFetch, safeOpen } from '../../../src/platform/http/safe-fetch.ts'

let server: Server
let port: number
let requests: string[]
let answer: RequestListener

beforeEach(async () => {
  requests = []
  answer = (_, response) => response.end('hello')
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.headers.host} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  server.closeAllConnections()
  return new Promise((done) => server.close(done))
})

const local = (path = '/') => `http://127.0.0.1:${port}${path}`

async function refusal(url: string, options: SafeFetchOptions = {}): Promise<Refusal> {
  const thrown = await safeFetch(url, options).then(
    () => null,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(Refusal)
  return thrown as Refusal
}

describe('addresses that are refused before anything is sent', () => {
  test.each([
    ['loopback', 'http://127.0.0.1/'],
    ['loopback elsewhere in its range', 'http://127.8.9.1/'],
    ['loopback as one decimal number', 'http://2130706433/'],
    ['loopback in hexadecimal', 'http://0x7f.1/'],
    ['loopback in octal', 'http://017700000001/'],
    ['loopback in full-width digits', 'http://１２７.0.0.1/'],
    ['loopback in IPv6', 'http://[::1]/'],
    ['IPv4-mapped loopback', 'http://[::ffff:127.0.0.1]/'],
    ['IPv4-mapped private, in hexadecimal', 'http://[::ffff:a00:1]/'],
    ['IPv4-compatible loopback', 'http://[::7f00:1]/'],
    ['NAT64 of a private address', 'http://[64:ff9b::a00:1]/'],
    ['6to4 of loopback', 'http://[2002:7f00:1::]/'],
    ['unspecified', 'http://0.0.0.0/'],
    ['unspecified in IPv6', 'http://[::]/'],
    ['private 10/8', 'http://10.1.2.3/'],
    ['private 172.16/12', 'http://172.31.255.255/'],
    ['private 192.168/16', 'http://192.168.1.1/'],
    ['carrier-grade NAT', 'http://100.64.0.1/'],
    ['link-local, metadata of clouds', 'http://169.254.169.254/latest/meta-data/'],
    ['link-local in IPv6', 'http://[fe80::1]/'],
    ['unique-local, metadata of a cloud', 'http://[fd00:ec2::254]/'],
    ['site-local', 'http://[fec0::1]/'],
    ['multicast', 'http://224.0.0.1/'],
    ['multicast in IPv6', 'http://[ff02::1]/'],
    ['broadcast', 'http://255.255.255.255/'],
    ['documentation', 'http://192.0.2.1/'],
    ['benchmarking', 'http://198.18.0.1/'],
    ['another scheme', 'ftp://example.org/'],
    ['a file', 'file:///etc/passwd'],
    ['a data address', 'data:text/plain,hello'],
    ['a relative address', '/feeds'],
    ['no address at all', 'not an address'],
    ['a name and password', 'https://user:secret@example.org/'],
  ])('%s', async (_, url) => {
    const refused = await refusal(url)
    expect(refused.code).toBe('invalid_input')
    expect(refused.errors).toMatchObject([{ pointer: '/url' }])
    expect(refused.message).not.toContain('secret')
  })

  test('a host that resolves to a private address, also where only one of several is private', async () => {
    for (const addresses of [['10.0.0.7'], ['93.184.215.14', '127.0.0.1'], ['::1'], ['::ffff:192.168.0.1']]) {
      const resolve = async () =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      expect(await refusal('https://feeds.example.org/', { resolve })).toMatchObject({
        code: 'invalid_input',
      })
    }
  })

  test('a redirect into the private network', async () => {
    const isAllowed = (address: string) => address === '127.0.0.1'
    const resolve = async (host: string) => [
      { address: host === 'public.example' ? '127.0.0.1' : '10.0.0.1', family: 4 },
    ]
    for (const location of ['http://private.example/', 'http://169.254.169.254/', '//[::1]/']) {
      answer = (_, response) => response.writeHead(302, { location }).end()
      const refused = await refusal(`http://public.example:${port}/`, { resolve, isAllowed })
      expect(refused.code).toBe('invalid_input')
    }
    expect(requests).toHaveLength(3)
  })
})

describe('public addresses', () => {
  test.each(['8.8.8.8', '93.184.215.14', '2606:4700::1111', '::ffff:8.8.8.8'])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test('never one of a private network, whatever its notation', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const prefix = fc.constantFrom([10], [127], [192, 168], [169, 254], [172, 20], [100, 100], [0], [240])
    fc.assert(
      fc.property(prefix, byte, byte, byte, (start, a, b, c) => {
        const bytes = [...start, a, b, c].slice(0, 4)
        const number = bytes.reduce((sum, value) => sum * 256 + value, 0)
        const hex = number.toString(16).padStart(8, '0')
        const mapped = `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`
        const { hostname } = new URL(`http://${number}/`)
        return [bytes.join('.'), mapped, hostname].every((text) => !isPublicAddress(text))
      }),
    )
  })

  test('not what is no address', () => {
    expect(isPublicAddress('example.org')).toBe(false)
  })
})

describe('what is asked', () => {
  const allowPrivate = true

  test('connects to the address that was checked, and names the host', async () => {
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const { body, status, url } = await safeFetch(`http://feeds.invalid:${port}/a?b=c`, {
      allowPrivate,
      resolve,
    })
    expect([status, body.toString(), url]).toEqual([200, 'hello', `http://feeds.invalid:${port}/a?b=c`])
    expect(requests).toEqual([`GET feeds.invalid:${port} /a?b=c`])
  })

  test('asks the resolver once: a second answer has no chance', async () => {
    let asked = 0
    const resolve = async () => {
      asked++
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    }
    await safeFetch(`http://rebinding.example:${port}/`, { allowPrivate, resolve })
    expect(asked).toBe(1)
  })

  test('sends a body and headers, and gives back status and headers', async () => {
    answer = (request, response) => {
      let got = ''
      request.on('data', (chunk) => {
        got += chunk
      })
      request.on('end', () => response.writeHead(202, { 'X-Echo': got }).end())
    }
    const sent = await safeFetch(local(), { allowPrivate, method: 'POST', body: '{}', headers: { a: 'b' } })
    expect([sent.status, sent.headers['x-echo']]).toEqual([202, '{}'])
  })

  test('follows five redirects, not six, and checks where they lead', async () => {
    answer = (request, response) => {
      const left = Number(request.url!.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    }
    expect((await safeFetch(local('/5'), { allowPrivate })).body.toString()).toBe('there')
    expect(await refusal(local('/6'), { allowPrivate })).toMatchObject({ code: 'unavailable' })
    expect((await safeFetch(local('/5'), { allowPrivate, maxRedirects: 0 })).status).toBe(302)
    answer = (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()
    expect(await refusal(local(), { allowPrivate })).toMatchObject({ code: 'invalid_input' })
  })

  test('keeps a key from other origins', async () => {
    const seen: (string | undefined)[] = []
    answer = (request, response) => {
      seen.push(request.headers.authorization)
      if (request.url === '/') response.writeHead(307, { location: `http://localhost:${port}/other` }).end()
      else response.end()
    }
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    await safeFetch(local(), { allowPrivate, resolve, headers: { Authorization: 'Bearer x' } })
    expect(seen).toEqual(['Bearer x', undefined])
  })
})

describe('limits', () => {
  const allowPrivate = true

  test('a body that is too large', async () => {
    answer = (_, response) => response.end('x'.repeat(5000))
    expect(await refusal(local(), { allowPrivate, maxBytes: 4999 })).toMatchObject({ code: 'unavailable' })
    expect((await safeFetch(local(), { allowPrivate, maxBytes: 5000 })).body).toHaveLength(5000)
  })

  test('a server that says nothing, or stops in the middle', async () => {
    answer = () => {}
    expect((await refusal(local(), { allowPrivate, timeoutMs: 50 })).message).toMatch(/no answer in time/)
    answer = (_, response) => response.writeHead(200, { 'content-length': '100' }).write('x')
    expect(await refusal(local(), { allowPrivate, timeoutMs: 50 })).toMatchObject({ code: 'unavailable' })
  })

  test('a server that drips one byte after another', async () => {
    let drip: NodeJS.Timeout | undefined
    answer = (_, response) => {
      drip = setInterval(() => response.write('x'), 10)
    }
    const refused = await refusal(local(), { allowPrivate, timeoutMs: 1000, totalTimeoutMs: 100 })
    clearInterval(drip)
    expect(refused.code).toBe('unavailable')
  })

  test('a connection that breaks', async () => {
    answer = (request) => request.socket.destroy()
    expect(await refusal(local(), { allowPrivate })).toMatchObject({ code: 'unavailable' })
  })

  test('a host without an address, a port where nobody listens', async () => {
    const resolve = async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect((await refusal('http://nowhere.example/', { resolve })).message).toMatch(/ENOTFOUND/)
    expect(await refusal('http://none.example/', { resolve: async () => [] })).toMatchObject({
      code: 'unavailable',
    })
    expect((await refusal('http://127.0.0.1:1/', { allowPrivate })).code).toBe('unavailable')
  })

  test('a resolver that says nothing', async () => {
    const resolve = () => new Promise<never>(() => {})
    const refused = await refusal('http://slow.example/', { resolve, totalTimeoutMs: 50 })
    expect(refused).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/no answer in time/),
    })
  })

  test('a body that is given up closes its connection', async () => {
    let closed = false
    answer = (_, response) => {
      response.on('close', () => {
        closed = true
      })
      response.write('x'.repeat(10))
    }
    const { body } = await safeOpen(local(), { allowPrivate })
    await body.next()
    await body.return(undefined)
    await expect.poll(() => closed).toBe(true)
  })
})

test('the setting that allows private networks is off unless it says true', () => {
  const read = (LIFECIRCLE_ALLOW_PRIVATE_URLS?: string) =>
    readConfig({ LIFECIRCLE_ALLOW_PRIVATE_URLS }).LIFECIRCLE_ALLOW_PRIVATE_URLS
  expect([read(), read('false'), read('true')]).toEqual([false, false, true])
  expect(() => read('yes')).toThrow(/LIFECIRCLE_ALLOW_PRIVATE_URLS/)
})
