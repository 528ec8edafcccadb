import type { OpenAPIHono } from '@hono/zod-openapi'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/app.ts'
import { locations, offerings, services } from '../../../src/features/catalog/tables.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { principals } from '../../../src/features/identity/tables.ts'
import { createActionLink } from '../../../src/features/referrals/create-action-link.ts'
import { expireOffers } from '../../../src/features/referrals/expire-offers.ts'
import type { ReferralRow } from '../../../src/features/referrals/get-referral.ts'
import type { CreateActionLink } from '../../../src/features/referrals/link-schemas.ts'
import { linkToken, readLinkToken } from '../../../src/features/referrals/link-token.ts'
import { chooseLanguage } from '../../../src/features/referrals/link-words.ts'
import type { LinkAction } from '../../../src/features/referrals/schemas.ts'
import { actionLinks, deliveries, referrals } from '../../../src/features/referrals/tables.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import type { Env } from '../../../src/platform/http/router.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

const DAY = 86_400_000
const OFFER: LinkAction[] = ['accept', 'decline']
const BEGUN = ['accept', 'yes', 'start'] as const

describe('an action link', () => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  let app: OpenAPIHono<Env>
  beforeAll(async () => {
    world = await openTestDb()
    town = await foundTown(world)
    parties = new Parties(world, town)
    const { db, log, clock, encryptionKey } = world
    app = createApp({ db, log, clock: clock.read, encryptionKey, currency: 'TWD', timeZone: 'Asia/Taipei' })
  })
  afterAll(() => world.close())

  const make = ({ id }: { id: string }, more: Partial<CreateActionLink> = {}, actor: Actor = town.partner) =>
    createActionLink(world.context(actor), { referralId: id, actions: OFFER, ...more })

  async function open(url: string, headers: Record<string, string> = {}) {
    const response = await app.request(new URL(url).pathname + new URL(url).search, { headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  async function click(url: string, form: Record<string, string>) {
    const { pathname, search } = new URL(url)
    const body = new URLSearchParams(form)
    const response = await app.request(pathname + search, { method: 'POST', body })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  const everything = async () =>
    JSON.stringify([
      await world.db.root.select().from(referrals).orderBy(referrals.id),
      await world.db.root.select().from(deliveries).orderBy(deliveries.id),
      await world.db.root.select().from(actionLinks).orderBy(actionLinks.id),
      await world.db.root.select().from(auditEntries).orderBy(auditEntries.id),
      await world.db.root.select().from(events).orderBy(events.position),
    ])

  it('tells what is offered and changes nothing, however often it is opened', async () => {
    const { referral } = await parties.opened({ quantity: 2 })
    const { url, expiresAt, actions } = await make(referral)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8787\/a\/[\w-]{22}\.[\w-]{43}$/)
    expect(expiresAt).toEqual(referral.answerBy)
    expect(actions).toEqual(OFFER)
    const before = await everything()
    for (let n = 0; n < 3; n++) {
      const { status, text } = await open(url)
      expect(status).toBe(200)
      for (const fact of ['provider', 'Here 1', '2 visits', 'Free for you', 'Yes, I want it', 'too_far']) {
        expect(text).toContain(fact)
      }
      expect(text.match(/<form /g)).toHaveLength(2)
    }
    expect(await everything()).toBe(before)
  })

  it('is answered with a page that runs nothing, calls nobody, is kept and indexed nowhere', async () => {
    const { url } = await make((await parties.opened()).referral)
    const { headers, text } = await open(url)
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-robots-tag')).toContain('noindex')
    expect(headers.get('content-type')).toContain('text/html')
    expect(text).not.toMatch(/<script|https?:\/\//)
  })

  it('says nothing of the resident, and not where a confidential place is', async () => {
    const { referral } = await parties.opened()
    const { url } = await make(referral)
    const { residentId, needId, id, matchId } = referral
    const shown = (await open(url)).text
    for (const secret of [residentId, needId, id, matchId]) expect(shown).not.toContain(secret)
    const [offering] = await world.db.root
      .select()
      .from(offerings)
      .where(eq(offerings.id, referral.offeringId))
    await world.db.root
      .update(locations)
      .set({ visibility: 'confidential' })
      .where(eq(locations.id, offering!.locationId))
    const { text } = await open(url)
    expect(text).not.toContain('Here')
    expect(text).toContain('The provider will tell you')
  })

  it('escapes what providers write', async () => {
    const { referral } = await parties.opened()
    const { url } = await make(referral)
    const [offering] = await world.db.root
      .select()
      .from(offerings)
      .where(eq(offerings.id, referral.offeringId))
    await world.db.root
      .update(services)
      .set({ name: '<img src=x onerror="alert(1)">&' })
      .where(eq(services.id, offering!.serviceId))
    const { text } = await open(url)
    expect(text).not.toContain('<img')
    expect(text).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;')
  })

  it('speaks English and both kinds of Chinese', async () => {
    const { url } = await make((await parties.opened()).referral)
    const taiwan = await open(url, { 'accept-language': 'zh-TW,zh;q=0.9,en;q=0.8' })
    expect(taiwan.text).toContain('<html lang="zh-Hant">')
    expect(taiwan.text).toContain('好，我要這項服務')
    const asked = await open(`${url}?lang=zh-Hans`, { 'accept-language': 'en' })
    expect(asked.text).toContain('好，我要这项服务')
    expect(asked.text).toContain('action="?lang=zh-Hans"')
    const done = await click(`${url}?lang=zh-Hans`, { action: 'accept' })
    expect(done.text).toContain('谢谢您')
  })

  it.each<[string | undefined, string | undefined, string]>([
    [undefined, undefined, 'en'],
    [undefined, 'fr,de', 'en'],
    [undefined, 'fr,zh;q=0.3,en;q=0.2', 'zh-Hans'],
    [undefined, 'zh-Hant-HK', 'zh-Hant'],
    [undefined, 'zh-MO', 'zh-Hant'],
    [undefined, 'zh-TW;q=0,zh-CN;q=0.1', 'zh-Hans'],
    ['xx', 'zh-SG', 'zh-Hans'],
    ['zh-Hant', 'en', 'zh-Hant'],
  ])('speaks, asked for %s by a reader of %s, %s', (asked, accepted, language) => {
    expect(chooseLanguage(asked, accepted)).toBe(language)
  })

  it('accepts once, in the name of the app that made it', async () => {
    const { referral } = await parties.opened()
    const { url } = await make(referral)
    const done = await click(url, { action: 'accept' })
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('You have accepted the offer') })
    expect(await parties.read(referral)).toMatchObject({ residentAnswer: 'accepted' })
    const entries = await world.db.root
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.objectId, referral.id))
    expect(entries.map(({ action, principalId }) => [action, principalId])).toContainEqual([
      'offer.accept',
      town.partner.principalId,
    ])
    const used = { status: 410, text: expect.stringContaining('your answer was received') }
    expect(await click(url, { action: 'decline', reason: 'other' })).toMatchObject(used)
    expect(await open(url)).toMatchObject(used)
    expect(await parties.read(referral)).toMatchObject({ residentAnswer: 'accepted', status: 'requested' })
  })

  it('declines for a reason, and asks for one where none was chosen', async () => {
    const { run, referral } = await parties.opened()
    const { url } = await make(referral)
    for (const form of [{ action: 'decline' }, { action: 'decline', reason: 'no_reason' }]) {
      const asked = await click(url, form as Record<string, string>)
      expect(asked).toMatchObject({ status: 422, text: expect.stringContaining('Please choose a reason') })
    }
    expect(await click(url, { action: 'decline', reason: 'wrong_time' })).toMatchObject({ status: 200 })
    expect(await parties.read(referral)).toMatchObject({ status: 'cancelled', statusReason: 'wrong_time' })
    expect(await parties.afterwards(run)).toMatchObject({ need: 'registered', held: 0 })
  })

  it('does only what it is for', async () => {
    const { referral } = await parties.opened()
    const { url } = await make(referral, { actions: ['accept'] })
    expect((await open(url)).text.match(/<form /g)).toHaveLength(1)
    for (const action of ['decline', 'confirm_delivery', 'start', '']) {
      expect(await click(url, { action, reason: 'other' })).toMatchObject({ status: 422 })
    }
    expect(await parties.read(referral)).toEqual(referral)
  })

  it('confirms or disputes a delivery', async () => {
    const { referral } = await parties.opened({ quantity: 2, steps: BEGUN })
    const answer = async (form: Record<string, string>) => {
      const { id } = await parties.deliver(referral, 1)
      const actions: LinkAction[] = ['confirm_delivery', 'dispute_delivery']
      const { url, expiresAt } = await make(referral, { actions, deliveryId: id })
      expect(expiresAt).toEqual(new Date(world.clock.read().getTime() + 7 * DAY))
      expect((await open(url)).text).toContain('Did you receive this service?')
      expect(await click(url, form)).toMatchObject({ status: 200 })
      const [row] = await world.db.root.select().from(deliveries).where(eq(deliveries.id, id))
      return row
    }
    expect(await answer({ action: 'confirm_delivery' })).toMatchObject({ state: 'confirmed' })
    const disputed = await answer({ action: 'dispute_delivery', reason: 'poor_quality' })
    expect(disputed).toMatchObject({ state: 'disputed', disputeReason: 'poor_quality' })
  })

  it('is used by one of two who click at once', async () => {
    const { referral } = await parties.opened()
    const { url } = await make(referral)
    const forms = [{ action: 'accept' }, { action: 'decline', reason: 'other' }, { action: 'accept' }]
    const answers = await Promise.all(forms.map((form) => click(url, form as Record<string, string>)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410, 410])
    const told = (await parties.told(referral.id)).map(({ type }) => type)
    expect(told.filter((type) => type.startsWith('offer.'))).toHaveLength(1)
  })

  it('says what became of the offer when it has moved on', async () => {
    const answered = (await parties.opened()).referral
    const { url: late } = await make(answered)
    await parties.yes(answered)
    const already = { text: expect.stringContaining('accepted this offer already') }
    expect(await open(late)).toMatchObject({ status: 410, ...already })
    expect(await click(late, { action: 'accept' })).toMatchObject({ status: 409, ...already })
    const { referral } = await parties.opened()
    const { url } = await make(referral, {
      expiresAt: new Date(world.clock.read().getTime() + 20 * DAY).toISOString(),
    })
    world.clock.advance(6 * DAY)
    await expireOffers(world.context(SYSTEM))
    const expired = { text: expect.stringContaining('This offer has expired') }
    expect(await open(url)).toMatchObject({ status: 410, ...expired })
    expect(await click(url, { action: 'accept' })).toMatchObject({ status: 409, ...expired })
  })

  it('is over after its time', async () => {
    const { referral } = await parties.opened()
    const expiresAt = new Date(world.clock.read().getTime() + 60_000).toISOString()
    const { url } = await make(referral, { expiresAt })
    world.clock.advance(60_000)
    const over = { status: 410, text: expect.stringContaining('The time of this link is over') }
    expect(await open(url)).toMatchObject(over)
    expect(await click(url, { action: 'accept' })).toMatchObject(over)
  })

  it('cannot be made up: one page for whatever is forged, unknown or malformed', async () => {
    const { url } = await make((await parties.opened()).referral)
    const token = url.split('/').at(-1)!
    const { encryptionKey } = world
    const unknown = linkToken(encryptionKey, '01890000-0000-7000-8000-000000000000')
    const otherKey = linkToken(Buffer.alloc(32, 1), readLinkToken(encryptionKey, token)!)
    const flipped = [...token].map((letter, at) => {
      const other = letter === 'A' ? 'B' : 'A'
      return token.slice(0, at) + other + token.slice(at + 1)
    })
    const forged = [
      unknown,
      otherKey,
      flipped[3]!,
      flipped[21]!,
      flipped[40]!,
      flipped[65]!,
      'x',
      '%00',
      '..%2f',
    ]
    const pages = new Set<string>()
    for (const one of forged) {
      const page = await open(`http://here/a/${one}`)
      expect(page.status).toBe(404)
      pages.add(page.text)
      expect((await click(`http://here/a/${one}`, { action: 'accept' })).status).toBe(404)
    }
    expect(pages.size).toBe(1)
    for (const one of flipped) expect(readLinkToken(encryptionKey, one)).toBeNull()
  })

  it('ends with whoever made it', async () => {
    const { referral } = await parties.opened()
    const { url } = await make(referral)
    const { principalId } = town.partner
    const set = (active: boolean) =>
      world.db.root.update(principals).set({ active }).where(eq(principals.id, principalId))
    await set(false)
    expect(await click(url, { action: 'accept' })).toMatchObject({ status: 404 })
    await set(true)
    expect(await click(url, { action: 'accept' })).toMatchObject({ status: 200 })
  })

  describe('is refused', () => {
    const flaw = (pointer: string) => ({ code: 'invalid_input', errors: [{ pointer }] })
    let referral: ReferralRow
    beforeAll(async () => {
      referral = (await parties.opened()).referral
    })

    it('to all but the resident’s own partner', async () => {
      await expect(make(referral, {}, town.strangers[2])).rejects.toMatchObject({ code: 'not_found' })
      await expect(make(referral, {}, town.provider)).rejects.toMatchObject({ code: 'forbidden' })
    })

    it('for actions and times that make no sense', async () => {
      const at = (milliseconds: number) => new Date(world.clock.read().getTime() + milliseconds).toISOString()
      const confirm: LinkAction[] = ['confirm_delivery']
      await expect(make(referral, { actions: [] })).rejects.toMatchObject(flaw('/actions'))
      await expect(make(referral, { actions: ['accept', 'accept'] })).rejects.toMatchObject(flaw('/actions'))
      await expect(make(referral, { actions: confirm })).rejects.toMatchObject(flaw('/deliveryId'))
      const { id: deliveryId } = referral
      await expect(make(referral, { deliveryId })).rejects.toMatchObject(flaw('/deliveryId'))
      const foreign = make(referral, { actions: confirm, deliveryId })
      await expect(foreign).rejects.toMatchObject(flaw('/deliveryId'))
      await expect(make(referral, { expiresAt: at(0) })).rejects.toMatchObject(flaw('/expiresAt'))
      await expect(make(referral, { expiresAt: at(30 * DAY + 1) })).rejects.toMatchObject(flaw('/expiresAt'))
    })

    it('where there is nothing left to answer', async () => {
      await parties.yes(referral)
      await expect(make(referral)).rejects.toMatchObject({ code: 'state_conflict' })
    })
  })
})
