import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, openApi } from '../../app/api-world.ts'

describe('the reference page', () => {
  let api: ApiWorld
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  it('runs scripts of this server alone', async () => {
    const response = await api.app.request('/docs')
    const policy = response.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("connect-src 'self';")
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/)
  })

  it('names no address outside of this server', async () => {
    const page = await (await api.app.request('/docs')).text()
    expect(page).not.toMatch(/https?:\/\/|src="\/\//)
    const addresses = [...page.matchAll(/(?:src|href|data-url)="([^"]*)"/g)].map((match) => match[1])
    expect(addresses).toEqual(['data:,', '/openapi.json', '/docs/scalar.js'])
  })

  it('has no script of its own between its tags', async () => {
    const page = await (await api.app.request('/docs')).text()
    const inline = [...page.matchAll(/<script(?![^>]*type="application\/json")[^>]*>([^<]+)</g)]
    expect(inline).toEqual([])
    expect(page).not.toMatch(/ on\w+=/)
  })

  it('finds its script and the document', async () => {
    const script = await api.app.request('/docs/scalar.js')
    expect(script.status).toBe(200)
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect((await (await api.app.request('/openapi.json')).json()) as object).toMatchObject({
      openapi: '3.1.0',
    })
  })

  it('is there for everybody, as is whether the server is well', async () => {
    expect(await (await api.app.request('/healthz')).json()).toEqual({ status: 'ok' })
    const ready = (await (await api.app.request('/readyz')).json()) as Record<string, string>
    expect(ready).toMatchObject({ status: 'ok', database: 'embedded' })
    expect(ready.durability).toContain('not a power failure')
  })
})
