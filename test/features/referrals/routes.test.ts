import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/app.ts'
import { issueKey } from '../../../src/features/identity/issue-key.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { foundTown, PERIOD, proposeRun, type Town } from './proposed-run.ts'

/** From a fund to a completed referral, over HTTP. */
describe('programs, review and referrals over HTTP', () => {
  let world: TestWorld
  let town: Town
  const keys = new Map<Actor, string>()
  beforeAll(async () => {
    world = await openTestDb()
    town = await foundTown(world)
    for (const actor of [town.officer, town.finance, town.provider, town.partner]) {
      const { principalId } = actor
      keys.set(actor, (await issueKey(world.context(SYSTEM), { principalId })).key)
    }
  })
  afterAll(() => world.close())

  async function call(actor: Actor, method: string, path: string, body?: unknown, headers: object = {}) {
    const { db, log, clock } = world
    const { encryptionKey, currency } = world.context()
    const app = createApp({ db, log, clock: clock.read, encryptionKey, currency })
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${keys.get(actor)}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const ifMatch = { 'if-match': response.headers.get('etag') ?? '' }
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, ifMatch }
  }

  it('opens a program', async () => {
    const wanted = {
      areaId: town.areaId,
      period: PERIOD,
      name: 'Fund',
      categories: ['elderly_care'],
      tiers: ['basic'],
      budget: 100_000,
      subsidyShare: 5000,
      eligibility: { all: [{ fact: 'age', op: 'gte', value: 65 }] },
    }
    const once = { 'idempotency-key': 'fund' }
    const created = await call(town.officer, 'POST', '/v1/programs', wanted, once)
    expect(created).toMatchObject({ status: 201, body: { eligibilityText: 'Age is at least 65.' } })
    expect(await call(town.officer, 'POST', '/v1/programs', wanted, once)).toEqual(created)
    const path = `/v1/programs/${created.body.id}`
    expect(await call(town.finance, 'POST', `${path}/approval`)).toMatchObject({ status: 428 })
    const stale = await call(town.finance, 'POST', `${path}/approval`, undefined, { 'if-match': '"7"' })
    expect(stale).toMatchObject({ status: 412 })
    const submitted = await call(town.officer, 'POST', `${path}/submission`, undefined, created.ifMatch)
    expect(submitted).toMatchObject({ status: 200, body: { state: 'submitted' } })
    const approved = await call(town.finance, 'POST', `${path}/approval`, undefined, submitted.ifMatch)
    expect(approved).toMatchObject({ status: 200, body: { state: 'approved' } })
    const open = await call(town.officer, 'POST', `${path}/opening`, undefined, approved.ifMatch)
    expect(open).toMatchObject({ status: 200, body: { state: 'open' } })
    const read = await call(town.finance, 'GET', path)
    expect(read).toEqual(open)
  })

  it('refuses a rule that is none, with its pointer', async () => {
    const wanted = { areaId: town.areaId, eligibility: { fact: 'shoe_size', op: 'eq', value: 40 } }
    const { status, body } = await call(town.officer, 'POST', '/v1/programs', wanted)
    expect(status).toBe(422)
    const pointers = (body.errors as { pointer: string }[]).map(({ pointer }) => pointer)
    expect(pointers).toContain('/eligibility')
  })

  it('reviews a run and moves its referral to the end', async () => {
    const { runId, matchIds } = await proposeRun(world, town, 2)
    const first = { 'if-match': '"1"' }
    const path = `/v1/runs/${runId}/matches/${matchIds[0]}/exclusion`
    const excluded = await call(town.finance, 'POST', path, { reason: 'already_served' }, first)
    expect(excluded).toMatchObject({ status: 200, body: { state: 'excluded' } })
    const approved = await call(town.finance, 'POST', `/v1/runs/${runId}/approval`, {}, first)
    expect(approved).toMatchObject({ status: 200, body: { state: 'approved' } })
    await openReferrals(world.context(town.finance), runId)
    const { body } = await call(town.provider, 'GET', '/v1/referrals?status=requested')
    const [referral] = body.items as { id: string; matchId: string }[]
    expect(referral).toMatchObject({ matchId: matchIds[1] })
    const at = `/v1/referrals/${referral!.id}`
    let { ifMatch } = await call(town.provider, 'GET', at)
    const move = async (actor: Actor, step: string) => {
      const moved = await call(actor, 'POST', `${at}/${step}`, {}, ifMatch)
      ifMatch = moved.ifMatch
      return moved
    }
    expect(await move(town.provider, 'acceptance')).toMatchObject({ body: { status: 'accepted' } })
    const yes = { status: 200, body: { status: 'accepted', residentAnswer: 'accepted' } }
    expect(await move(town.partner, 'offer-acceptance')).toMatchObject(yes)
    expect(await move(town.provider, 'start')).toMatchObject({ body: { status: 'in-progress' } })

    const wanted = { units: 1, deliveredAt: world.clock.read().toISOString(), evidenceHash: 'a'.repeat(64) }
    const once = { 'idempotency-key': 'first unit' }
    const delivered = await call(town.provider, 'POST', `${at}/deliveries`, wanted, once)
    expect(delivered).toMatchObject({ status: 201, body: { units: 1, state: 'recorded', comment: null } })
    expect(await call(town.provider, 'POST', `${at}/deliveries`, wanted, once)).toEqual(delivered)
    const more = await call(town.provider, 'POST', `${at}/deliveries`, wanted)
    expect(more).toMatchObject({ status: 409, body: { code: 'insufficient', left: 0 } })
    const dispute = { reason: 'fewer_units', comment: 'Half of it' }
    const answered = `/v1/deliveries/${delivered.body.id}/dispute`
    expect(await call(town.partner, 'POST', answered, dispute)).toMatchObject({ status: 428 })
    const disputed = await call(town.partner, 'POST', answered, dispute, delivered.ifMatch)
    expect(disputed).toMatchObject({ status: 200, body: { state: 'disputed', comment: 'Half of it' } })
    const listed = await call(town.provider, 'GET', `${at}/deliveries`)
    expect(listed.body.items).toEqual([{ ...disputed.body, comment: null }])
    expect(await move(town.provider, 'completion')).toMatchObject({ body: { status: 'completed' } })
  })

  it('makes a link for the resident, and takes a refusal', async () => {
    const { runId, matchIds } = await proposeRun(world, town, 1)
    await call(town.finance, 'POST', `/v1/runs/${runId}/approval`, {}, { 'if-match': '"1"' })
    await openReferrals(world.context(town.finance), runId)
    const { body } = await call(town.partner, 'GET', '/v1/referrals?status=requested')
    const referral = (body.items as { id: string; matchId: string }[]).find(
      ({ matchId }) => matchId === matchIds[0],
    )!
    const at = `/v1/referrals/${referral.id}`
    const link = await call(town.partner, 'POST', `${at}/links`, { actions: ['accept', 'decline'] })
    expect(link).toMatchObject({ status: 201, body: { actions: ['accept', 'decline'] } })
    expect(link.body.url).toMatch(/\/a\/[\w.-]{66}$/)
    const refusal = { reason: 'too_expensive' }
    const seen = { 'if-match': '"1"' }
    const words = { ...refusal, comment: 'No' }
    expect(await call(town.partner, 'POST', `${at}/offer-refusal`, words, seen)).toMatchObject({
      status: 422,
    })
    const declined = await call(town.partner, 'POST', `${at}/offer-refusal`, refusal, seen)
    expect(declined).toMatchObject({ status: 200, body: { status: 'cancelled', residentAnswer: 'declined' } })
  })

  it('lists and reads policies', async () => {
    const { body } = await call(town.provider, 'GET', '/v1/policies?state=adopted')
    const [policy] = body.items as { id: string }[]
    expect(await call(town.provider, 'GET', `/v1/policies/${policy!.id}`)).toMatchObject({
      status: 200,
      body: policy,
    })
    const { document, text } = (await call(town.officer, 'GET', `/v1/policies/${policy!.id}`)).body
    const drafted = await call(town.officer, 'POST', '/v1/policies', { document, text })
    expect(drafted).toMatchObject({ status: 201, body: { number: 2, state: 'draft' } })
  })
})
