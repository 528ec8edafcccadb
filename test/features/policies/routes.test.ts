/** A policy from draft to adoption over HTTP, with what the public says of it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { type Answer, appOver, keyOf, sender } from '../../app/api-world.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { foundTown, type Town } from '../referrals/proposed-run.ts'

type Who = 'officer' | 'finance' | 'partner' | 'provider'

let world: TestWorld
let call: (
  who: Who,
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<Answer>
beforeAll(async () => {
  world = await openTestDb()
  const town: Town = await foundTown(world)
  const send = sender(appOver(world))
  const keys = {} as Record<Who, string>
  for (const who of ['officer', 'finance', 'partner', 'provider'] as const) {
    keys[who] = await keyOf(world, town[who])
  }
  call = (who, method, path, body, headers = {}) =>
    send(keys[who], method, path, {
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
})
afterAll(() => world.close())

it('is drafted once a key, revised and shown under ETags, spoken to, and adopted by another person', async () => {
  const { document, text } = DEFAULT_POLICY
  const key = { 'idempotency-key': 'draft' }
  const drafted = await call('officer', 'POST', '/v1/policies', DEFAULT_POLICY, key)
  expect(drafted).toMatchObject({ status: 201, body: { state: 'draft', version: 1, consultedFrom: null } })
  expect(drafted.headers.get('etag')).toBe('"1"')
  const path = drafted.headers.get('location')!
  expect(path).toBe(`/v1/policies/${drafted.body.id}`)
  const again = await call('officer', 'POST', '/v1/policies', DEFAULT_POLICY, key)
  expect(again.body).toEqual(drafted.body)

  const better = { document: { ...document, decisionDays: 3 }, text }
  expect((await call('officer', 'PUT', path, better)).status).toBe(428)
  const revised = await call('officer', 'PUT', path, better, { 'if-match': '"1"' })
  expect(revised).toMatchObject({ status: 200, body: { version: 2, document: { decisionDays: 3 } } })
  expect((await call('partner', 'GET', path)).status).toBe(404)

  const until = new Date(world.clock.read().getTime() + 14 * 86_400_000).toISOString()
  const at = `${path}/consultation`
  const early = await call('officer', 'POST', at, { until: '2026-12-01T12:00:00Z' }, { 'if-match': '"2"' })
  expect(early).toMatchObject({ status: 422, body: { errors: [{ pointer: '/until' }] } })
  const shown = await call('officer', 'POST', at, { until }, { 'if-match': '"2"' })
  expect(shown).toMatchObject({ status: 200, body: { state: 'consultation', consultedUntil: until } })

  const difference = await call('partner', 'GET', `${path}/difference`)
  expect(difference.body).toMatchObject({
    to: drafted.body.id,
    differences: [{ sentence: 'The time to answer a referral falls from 5 to 3 days.' }],
  })
  const said = await call('provider', 'POST', `${path}/comments`, { text: 'Three days are too few.' })
  expect(said).toMatchObject({ status: 201, body: { ofResident: false } })
  expect((await call('partner', 'GET', `${path}/comments`)).body.items).toEqual([said.body])
  const vote = await call('provider', 'PUT', `${path}/votes`, { vote: 'against' })
  expect(vote).toMatchObject({ status: 200, body: { vote: 'against', residentId: null } })
  expect((await call('partner', 'GET', `${path}/votes`)).body.bodies).toEqual({
    for: 0,
    against: 1,
    abstain: 0,
  })

  const adoption = `${path}/adoption`
  const tooSoon = await call('finance', 'POST', adoption, undefined, { 'if-match': '"3"' })
  expect(tooSoon).toMatchObject({ status: 409, body: { code: 'state_conflict', consultedUntil: until } })
  world.clock.set(until)
  const late = await call('provider', 'POST', `${path}/comments`, { text: 'One more thing.' })
  expect(late).toMatchObject({ status: 409, body: { code: 'state_conflict' } })
  const adopted = await call('finance', 'POST', adoption, undefined, { 'if-match': '"3"' })
  expect(adopted).toMatchObject({ status: 200, body: { state: 'adopted', adoptedAt: until, version: 4 } })
  const inForce = await call('partner', 'GET', '/v1/policies?state=adopted')
  expect(inForce.body.items.map(({ id }: { id: string }) => id)).toEqual([drafted.body.id])
})
