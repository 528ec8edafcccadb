/** One resident's way through everything that is kept of anybody, over HTTP, with all that is logged. */
import { sql } from 'drizzle-orm'
import { createApp } from '../../../src/app.ts'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import type { PublishOffering } from '../../../src/features/catalog/schemas.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { ConsentFact } from '../../../src/features/residents/schemas.ts'
import { JOBS, REACTIONS } from '../../../src/jobs.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { type JobRunner, startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { createLogger } from '../../../src/platform/telemetry.ts'
import { type Answer, keyOf as apiKeyOf, type Send, sender } from '../../app/api-world.ts'
import type { Rung } from '../../support/test-world.ts'
import { type Marketplace, openMarketplace } from '../matching/marketplace.ts'
import { employ, organize, PERIOD } from '../referrals/proposed-run.ts'
import { keyOf, SECRET } from './canaries.ts'

export interface Journey {
  market: Marketplace
  runner: JobRunner
  /** Everything that was logged so far. */
  logged(): string
  /** Sends as the partner and wants the status. */
  ask(status: number, method: string, path: string, more?: Request): Promise<Answer>
  /** The same as somebody else. */
  askAs(who: Who, status: number, method: string, path: string, more?: Request): Promise<Answer>
  ids: Record<string, string>
  close(): Promise<void>
}

type Who = 'partner' | 'otherPartner' | 'provider' | 'officer'
interface Request {
  body?: unknown
  version?: number
  key?: string
  /** Sent as it is. */
  file?: string
}

export async function openJourney(rung: Rung): Promise<Journey> {
  const market = await openMarketplace(rung)
  const { world } = market
  const lines: string[] = []
  const log = createLogger('trace', { write: (line) => lines.push(line) })
  const { db, clock, encryptionKey, config } = world
  const ground = { db, log, clock: clock.read, encryptionKey, currency: 'TWD', reactions: REACTIONS }
  const runner = await startJobs({ ...ground, config, definitions: JOBS })
  const send = sender(createApp(ground))
  const keys = await keysOf(market)
  const askAs: Journey['askAs'] = async (who, status, method, path, more) => {
    const answer = await send(keys[who], method, path, requestOf(more))
    if (answer.status !== status) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    }
    return answer
  }
  const ask: Journey['ask'] = (...rest) => askAs('partner', ...rest)
  const close = async () => {
    await runner.close()
    await world.close()
  }
  return { market, runner, logged: () => lines.join(''), ask, askAs, ids: {}, close }
}

function requestOf({ body, version, key, file }: Request = {}): NonNullable<Parameters<Send>[3]> {
  const type = file === undefined ? 'application/json' : 'text/csv'
  const headers = {
    ...(body === undefined && file === undefined ? {} : { 'content-type': type }),
    ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    ...(key === undefined ? {} : { 'idempotency-key': keyOf(key) }),
  }
  const text = file ?? (body === undefined ? undefined : JSON.stringify(body))
  return { headers, ...(text === undefined ? {} : { body: text }) }
}

async function keysOf(market: Marketplace): Promise<Record<Who, string>> {
  const { world, partner, officer, providers } = market
  const otherPartner = await inTransaction(world.context(SYSTEM), async (ctx) =>
    employ(ctx, await organize(ctx, 'partner'), 'partner'),
  )
  const actors: Record<Who, Actor> = { partner, otherPartner, provider: providers.helpers, officer }
  const keys = {} as Record<Who, string>
  for (const who of Object.keys(actors) as Who[]) keys[who] = await apiKeyOf(world, actors[who])
  return keys
}

/** From registration to an exported file: everything happens that leaves a trace of a resident. */
export async function travel(journey: Journey): Promise<void> {
  await publish(journey)
  await registers(journey)
  await asks(journey)
  await isServed(journey)
  await isMatched(journey)
  await petitions(journey)
  await isConsulted(journey)
  await registersByFile(journey)
  await journey.ask(200, 'GET', `/v1/residents/${journey.ids.resident}/export`)
  await journey.runner.idle()
}

/** Help at home, anywhere in the district: one to be booked, one to be matched. */
async function publish({ market, ids }: Journey): Promise<void> {
  const { as, areas, providers } = market
  const helpers = as(providers.helpers)
  const at = {
    name: 'Office',
    address: 'Road 2',
    areaId: areas.north,
    point: { latitude: 25.036, longitude: 121.54 },
  }
  const { id: locationId } = await createLocation(helpers, at)
  const common: Omit<PublishOffering, 'name' | 'term' | 'tier'> = {
    locationId,
    category: 'elderly_care',
    mode: 'home',
    unit: 'visit',
    price: 1000,
    serviceAreaIds: [areas.district],
    capacities: [{ period: PERIOD, units: 9 }],
  }
  const offer = (more: Pick<PublishOffering, 'name' | 'term' | 'tier'>) =>
    publishOffering(helpers, { ...common, ...more })
  ids.massage = (await offer({ name: 'Massage', term: 'massage', tier: 'personalized' })).id
  await offer({ name: 'Bandages', term: 'bandages', tier: 'basic' })
}

/** While a table is out of reach: the error carries what was to be written, and is logged. */
async function without(table: string, { market }: Journey, attempt: () => Promise<unknown>): Promise<void> {
  const { root } = market.world.db
  const [name, gone] = [sql.identifier(table), sql.identifier(`${table}_gone`)]
  await root.execute(sql`alter table ${name} rename to ${gone}`)
  try {
    await attempt()
  } finally {
    await root.execute(sql`alter table ${gone} rename to ${name}`)
  }
}

async function registers(journey: Journey): Promise<void> {
  const { market, ask, ids } = journey
  const { reference, correctedReference, point, birthYear, languages, assessments } = SECRET
  const unlucky = { reference, areaId: market.areas.north, point, birthYear, languages, assessments }
  await without('residents', journey, () => ask(500, 'POST', '/v1/residents', { body: unlucky }))
  const { body: resident } = await ask(201, 'POST', '/v1/residents', {
    key: 'register',
    body: {
      reference,
      areaId: market.areas.north,
      point,
      birthYear,
      languages,
      assessments,
      mobility: 'slow',
      incomeClass: 'low',
      livesAlone: true,
      consent: { purpose: 'matching', facts: ConsentFact.options },
    },
  })
  const path = `/v1/residents/${resident.id}`
  ids.resident = resident.id
  await ask(409, 'POST', '/v1/residents', {
    body: { reference, areaId: market.areas.north, point, languages },
  })
  await ask(422, 'POST', '/v1/residents', { body: { reference, point, languages, birthYear: 1800 } })
  await ask(200, 'PATCH', path, { version: 1, body: { reference: correctedReference } })
  await ask(201, 'POST', `${path}/consents`, {
    body: { purpose: 'referral', facts: ConsentFact.options },
  })
  const wallet = { period: PERIOD, amount: 50_000, carryOverMost: SECRET.carryOverMost }
  await ask(201, 'POST', `${path}/wallets`, { key: 'top-up', body: wallet })
}

const NEED = { period: PERIOD, category: 'elderly_care', quantity: 3 } as const

/** Four needs: one to be booked, one to be matched, two that nobody serves. */
async function asks({ ask, ids }: Journey): Promise<void> {
  const { terms, hours, refusals, neededBy, preferredLanguage: language } = SECRET
  const need = async (body: object, key?: string) => {
    const wanted = { ...NEED, ...body }
    const path = `/v1/residents/${ids.resident}/needs`
    return (await ask(201, 'POST', path, { body: wanted, ...(key ? { key } : {}) })).body.id
  }
  ids.booked = await need(
    {
      term: 'massage',
      tier: 'personalized',
      acceptableHours: [hours.booked],
      preferences: { language },
      refusals: { offeringIds: [refusals.booked] },
      neededBy: neededBy.booked,
      maxWalkingMinutes: SECRET.maxWalkingMinutes,
    },
    'need',
  )
  ids.matched = await need({
    term: 'bandages',
    tier: 'basic',
    acceptableHours: [hours.run],
    refusals: { offeringIds: [refusals.run] },
    neededBy: neededBy.run,
  })
  ids.petitioned = await need({
    term: terms.petition,
    tier: 'basic',
    acceptableHours: [hours.petition],
    refusals: { offeringIds: [refusals.petition] },
  })
  ids.shared = await need({ term: 'wall_bars', tier: 'basic' })
  ids.unmet = await need({ term: terms.unmet, tier: 'inclusive' })
  const revised = { acceptableHours: [hours.revised] }
  await ask(200, 'PATCH', `/v1/needs/${ids.unmet}`, { version: 1, body: revised })
}

/** A run proposes a match and explains what it could not meet; nobody has approved it yet. */
async function isMatched({ market, runner, askAs, ids }: Journey): Promise<void> {
  const body = { areaId: market.areas.district, period: PERIOD, rounds: 5 }
  const { body: run } = await askAs('officer', 202, 'POST', '/v1/runs', { body })
  ids.run = run.id
  await runner.idle()
  const { body: done } = await askAs('officer', 200, 'GET', `/v1/runs/${run.id}`)
  if (done.state !== 'proposed') throw new Error(`The run is ${done.state}: ${done.failure}`)
}

/** What was booked is begun, one of three visits delivered, disputed by the resident, and judged. */
async function isServed(journey: Journey): Promise<void> {
  const { ask, askAs, ids, market } = journey
  const { words } = SECRET
  const booking = { offeringId: ids.massage }
  const path = `/v1/needs/${ids.booked}/bookings`
  const { body: booked } = await ask(201, 'POST', path, { key: 'booking', body: booking })
  ids.referral = booked.referralId
  const referral = `/v1/referrals/${booked.referralId}`
  await askAs('provider', 200, 'POST', `${referral}/acceptance`, { version: 1, body: {} })
  await askAs('provider', 200, 'GET', `${referral}/resident`)
  await askAs('provider', 200, 'POST', `${referral}/start`, { version: 2, body: {} })
  const deliveredAt = market.world.clock.read().toISOString()
  const delivered = await askAs('provider', 201, 'POST', `${referral}/deliveries`, {
    body: { units: 1, deliveredAt },
  })
  const link = { actions: ['confirm_delivery', 'dispute_delivery'], deliveryId: delivered.body.id }
  ids.link = (await ask(201, 'POST', `${referral}/links`, { body: link })).body.url.split('/').at(-1)
  await ask(200, 'POST', `/v1/deliveries/${delivered.body.id}/dispute`, {
    version: 1,
    body: { reason: 'poor_quality', comment: words.dispute },
  })
  const said = { key: 'feedback', body: { outcome: 'partly', rating: 2, text: words.feedback } }
  await without('feedback', journey, () => ask(500, 'POST', `${referral}/feedback`, said))
  await ask(201, 'POST', `${referral}/feedback`, said)
}

/** Two that the resident begins: one alone, one that a neighbor signs. */
async function petitions({ market, ask, askAs, ids }: Journey): Promise<void> {
  const { words } = SECRET
  const begin = async (needId: string, text: string, key: string) =>
    (await ask(201, 'POST', '/v1/petitions', { key, body: { needId, text } })).body.id
  ids.lonely = await begin(ids.petitioned!, words.petition, 'petition')
  ids.common = await begin(ids.shared!, words.shared, 'shared')
  const neighbor = await askAs('otherPartner', 201, 'POST', '/v1/residents', {
    body: {
      reference: 'neighbor',
      areaId: market.areas.north,
      point: { latitude: 25.03, longitude: 121.54 },
    },
  })
  await askAs('otherPartner', 201, 'POST', `/v1/petitions/${ids.common}/signatures`, {
    key: 'signature',
    body: { residentId: neighbor.body.id },
  })
}

/** A comment on a policy and a vote. */
async function isConsulted({ market, ask, askAs, ids }: Journey): Promise<void> {
  const { body: policy } = await askAs('officer', 201, 'POST', '/v1/policies', { body: DEFAULT_POLICY })
  ids.policy = policy.id
  const path = `/v1/policies/${policy.id}`
  const until = new Date(market.world.clock.read().getTime() + 7 * 86_400_000).toISOString()
  await askAs('officer', 200, 'POST', `${path}/consultation`, { version: 1, body: { until } })
  const residentId = ids.resident
  const comment = { key: 'comment', body: { text: SECRET.words.comment, residentId } }
  await ask(201, 'POST', `${path}/comments`, comment)
  await ask(200, 'PUT', `${path}/votes`, { body: { vote: 'against', residentId } })
}

async function registersByFile({ market, ask, ids }: Journey): Promise<void> {
  const { bulkReference, bulkPoint, bulkBirthYear, bulkLanguage, bulkAssessment } = SECRET
  const { latitude, longitude } = bulkPoint
  const file = [
    'reference,areaId,latitude,longitude,birthYear,languages,assessments,consentMatching',
    [bulkReference, market.areas.south, latitude, longitude, bulkBirthYear].join(',') +
      `,${bulkLanguage},${bulkAssessment},location|languages`,
    // A row that is refused may not leave a trace either.
    `${bulkReference}-refused,${market.areas.south},${latitude},${longitude},1800,${bulkLanguage},,`,
  ].join('\n')
  const { body } = await ask(200, 'POST', '/v1/residents/bulk', { file })
  ids.bulk = body.outcomes[0].residentId
}
