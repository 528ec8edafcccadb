/**
 * A resident with more than thirty facts that can be told from everything else goes the whole way over HTTP, and is
 * erased: no table, no dump and no log holds any of them, the books balance, and the audit log verifies.
 *
 * Amounts of money and units are no such facts: the ledger is append-only, and has to balance for everybody else.
 */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { matches, runNeeds } from '../../../src/features/matching/tables.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { consents, needs, residents } from '../../../src/features/residents/tables.ts'
import { sealAudit, verifyAudit } from '../../../src/platform/audit/seal-audit.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts, holds } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import { CANARIES, dumpOf, heardIn, pgDumpOf, SECRET } from './canaries.ts'
import { type Journey, openJourney, travel } from './journey.ts'

const VISIBLE = CANARIES.filter(({ hidden }) => !hidden).map(({ name }) => name)

describe.each(engines())('an erased resident on %s', (rung) => {
  let journey: Journey
  let before: string
  let pgDump: string | null
  beforeAll(async () => {
    journey = await openJourney(rung)
    await travel(journey)
    before = await dumpOf(db())
    pgDump = await pgDumpOf(db())
  })
  afterAll(() => journey.close())

  const db = () => journey.market.world.db
  const system = () => journey.market.world.context(SYSTEM)
  const path = () => `/v1/residents/${journey.ids.resident}`
  const versionOf = async (id: string) => (await journey.ask(200, 'GET', `/v1/residents/${id}`)).body.version

  it('was there, with every fact', async () => {
    expect(CANARIES.length).toBeGreaterThan(30)
    expect(heardIn(before)).toEqual(VISIBLE)
    const { body, headers } = await journey.ask(200, 'GET', `${path()}/export`)
    expect(headers.get('content-disposition')).toMatch(/^attachment/)
    expect(body).toMatchObject({ resident: { reference: SECRET.correctedReference }, referrals: [{}] })
    expect(body.petitions).toHaveLength(2)
    expect(body.policyComments).toMatchObject([{ text: SECRET.words.comment }])
    expect(body.policyVotes).toMatchObject([{ policyId: journey.ids.policy, vote: 'against' }])
    expect(body.explanations.length).toBeGreaterThan(2)
    expect(body.wallets[0].lines.length).toBeGreaterThan(1)
    expect(JSON.stringify(body)).not.toContain(journey.ids.link)
  })

  it('is erased with a receipt, under If-Match, by its own partner', async () => {
    const { askAs, ask, ids } = journey
    const version = await versionOf(ids.resident!)
    await ask(428, 'DELETE', path())
    await ask(412, 'DELETE', path(), { version: version + 1 })
    await askAs('otherPartner', 404, 'DELETE', path(), { version })
    await askAs('provider', 403, 'DELETE', path(), { version })
    const { body, headers } = await ask(200, 'DELETE', path(), { version })
    expect(body).toMatchObject({
      residentId: ids.resident,
      erased: {
        residents: 1,
        needs: 5,
        consents: 2,
        endedReferrals: 1,
        endedMatches: 1,
        feedbackTexts: 1,
        deliveryComments: 1,
        actionLinks: 1,
        petitions: 2,
        signatures: 2,
        policyComments: 1,
        policyVotes: 1,
        wallets: 1,
      },
      audit: { seal: null },
    })
    expect(body.erased.keptAnswers).toBeGreaterThanOrEqual(8)
    expect(body.erased.events).toBeGreaterThan(10)
    ids.erasure = body.id
    expect(headers.get('location')).toBe(`/v1/erasures/${body.id}`)
    const bulkVersion = await versionOf(ids.bulk!)
    await ask(200, 'DELETE', `/v1/residents/${ids.bulk}`, { version: bulkVersion })
    await journey.runner.idle()
  })

  it('is in no row of any table', async () => {
    const after = await dumpOf(db())
    expect(heardIn(after)).toEqual([])
    expect(after.split('\n').filter((line) => /canary/i.test(line))).toEqual([])
    expect(after.length).toBeGreaterThan(before.length / 2)
  })

  it('is in no dump of PostgreSQL', async (test) => {
    if (pgDump === null) return test.skip()
    expect(heardIn(pgDump)).toEqual(VISIBLE)
    expect(heardIn((await pgDumpOf(db()))!)).toEqual([])
  })

  it('was never in the log', () => {
    const logged = journey.logged()
    // Two statements failed that would have written facts.
    expect(logged.match(/unexpected error/g)).toHaveLength(2)
    expect(heardIn(logged)).toEqual([])
    expect(logged).not.toMatch(/canary/i)
    expect(logged).not.toContain(journey.ids.link)
  })

  it('leaves books that balance, with nothing held and what was delivered spent', async () => {
    expect(await reconcile(system())).toMatchObject({ differences: [], unbalancedUnits: [] })
    const [wallet] = await db()
      .root.select()
      .from(accounts)
      .where(eq(accounts.ownerId, journey.ids.resident!))
    expect(wallet).toMatchObject({ kind: 'wallet', period: PERIOD, held: 0, spent: 1000, limit: 1000 })
    const open = await db().root.select().from(holds)
    expect(open.filter((hold) => hold.open > 0)).toEqual([])
  })

  it('leaves an audit log that verifies, and a receipt that names its seal', async () => {
    await sealAudit(system())
    expect(await verifyAudit(system())).toMatchObject({ brokenSeal: null })
    const { body } = await journey.ask(200, 'GET', `/v1/erasures/${journey.ids.erasure}`)
    expect(body).toMatchObject({ residentId: journey.ids.resident, audit: { seal: { number: 1 } } })
    await journey.askAs('otherPartner', 404, 'GET', `/v1/erasures/${journey.ids.erasure}`)
  })

  it('leaves rows that tell of nobody', async () => {
    const { ids, market } = journey
    const [resident] = await db().root.select().from(residents).where(eq(residents.id, ids.resident!))
    expect(resident).toMatchObject({ areaId: market.areas.district, mobility: null, livesAlone: null })
    for (const need of await db().root.select().from(needs)) {
      expect(need).toMatchObject({ state: 'withdrawn', term: `erased-${need.id}`, preferences: {} })
    }
    for (const { withdrawnAt } of await db().root.select().from(consents)) expect(withdrawnAt).not.toBeNull()
    for (const { parts, utility, walkingMinutes, state } of await db().root.select().from(matches)) {
      expect(Object.values(parts).reduce((sum, part) => sum + (part ?? 0), 0)).toBe(utility)
      expect({ walkingMinutes, state }).not.toEqual({ walkingMinutes: expect.any(Number), state: 'proposed' })
      expect(walkingMinutes).toBeNull()
    }
    const explained = await db().root.select().from(runNeeds)
    expect(new Set(explained.map(({ explanation }) => explanation.outcome))).toEqual(
      new Set(['matched', 'unmet']),
    )
    for (const { runId, needId, explanation } of explained) {
      const nothing = { considered: 0, ruledOut: {}, runnerUp: null, change: null }
      expect(explanation).toMatchObject(
        explanation.outcome === 'unmet' ? { ...nothing, option: null } : nothing,
      )
      // What is left can still be put in words.
      await journey.askAs('officer', 200, 'GET', `/v1/runs/${runId}/needs/${needId}`)
    }
    const [referral] = await db().root.select().from(referrals)
    expect(referral).toMatchObject({ status: 'cancelled', statusReason: 'resident_erased' })
    const told = await db().root.select().from(events).where(eq(events.objectId, referral!.id))
    const cancelled = told.find(({ type }) => type === 'referral.cancelled')
    expect(cancelled!.data).toMatchObject({ status: 'cancelled', reason: 'resident_erased' })
    expect(told.filter(({ id }) => id !== cancelled!.id).every(({ data }) => isEmpty(data))).toBe(true)
  })

  it('leaves the vote counted and the comment without words, of nobody any more', async () => {
    const { ask, askAs, ids } = journey
    const counted = await askAs('officer', 200, 'GET', `/v1/policies/${ids.policy}/votes`)
    expect(counted.body.residents).toEqual({ for: 0, against: 1, abstain: 0 })
    const { body } = await ask(200, 'GET', `/v1/policies/${ids.policy}/comments`)
    expect(body.items).toMatchObject([{ ofResident: true, residentId: null, text: null }])
  })

  it('keeps the petition that others stand behind, without the words, and no other', async () => {
    const { ask, ids } = journey
    const { body } = await ask(200, 'GET', `/v1/petitions/${ids.common}`)
    expect(body).toMatchObject({ term: 'wall_bars', text: null, signatures: 1 })
    await ask(404, 'GET', `/v1/petitions/${ids.lonely}`)
  })

  it('is not there any more, for anybody', async () => {
    const { ask, askAs, ids } = journey
    for (const rest of ['', '/export', '/consents', '/wallets', `/wallets/${PERIOD}`]) {
      await ask(404, 'GET', `${path()}${rest}`)
    }
    await ask(404, 'DELETE', path(), { version: 2 })
    await ask(404, 'PATCH', path(), { version: 2, body: { birthYear: 1950 } })
    for (const need of [ids.booked, ids.petitioned]) await ask(404, 'GET', `/v1/needs/${need}`)
    expect((await ask(200, 'GET', '/v1/residents')).body.items).toEqual([])
    expect((await ask(200, 'GET', '/v1/needs')).body.items).toEqual([])
    const consent = { purpose: 'matching', facts: ['location'] }
    await ask(404, 'POST', `${path()}/consents`, { body: consent })
    await ask(404, 'POST', `${path()}/wallets`, { body: { period: PERIOD, amount: 1 } })
    const need = { period: PERIOD, category: 'medical', term: 'again', tier: 'basic', quantity: 1 }
    await ask(404, 'POST', `${path()}/needs`, { body: need })
    await ask(404, 'POST', `/v1/petitions/${ids.common}/signatures`, { body: { residentId: ids.resident } })
    await askAs('provider', 404, 'GET', `/v1/referrals/${ids.referral}/resident`)
    await askAs('provider', 200, 'GET', `/v1/referrals/${ids.referral}`)
    await ask(404, 'GET', `/v1/referrals/${ids.referral}`)
    await ask(404, 'POST', `/v1/referrals/${ids.referral}/links`, { body: { actions: ['accept'] } })
    expect((await ask(200, 'GET', '/v1/feedback')).body.items).toEqual([])
    const { items } = (await askAs('provider', 200, 'GET', '/v1/feedback')).body
    expect(items).toMatchObject([{ outcome: 'partly', rating: 2, text: null }])
    await ask(404, 'POST', `/v1/referrals/${ids.referral}/feedback`, { body: { outcome: 'partly' } })
  })

  it('is refused by the database itself, should a verb forget to ask', async () => {
    const { ids, market } = journey
    const late = db().transaction((tx) =>
      tx.insert(consents).values({
        id: system().newId(),
        residentId: ids.resident!,
        purpose: 'matching',
        facts: ['location'],
        givenAt: market.world.clock.read(),
      }),
    )
    await expect(late).rejects.toMatchObject({ code: 'conflict', message: /residents_erased/ })
  })

  it('may come again under the same reference, as somebody new', async () => {
    const { ask, ids, market } = journey
    const { correctedReference: reference, point } = SECRET
    const wanted = { reference, point, areaId: market.areas.north }
    const { body } = await ask(201, 'POST', '/v1/residents', { key: 'register', body: wanted })
    expect(body.id).not.toBe(ids.resident)
    expect((await ask(200, 'GET', `/v1/residents/${body.id}/export`)).body.needs).toEqual([])
  })
})

const isEmpty = (data: unknown) => JSON.stringify(data) === '{}'
