import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { periodAt } from '../../platform/period.ts'
import { localTime } from '../../platform/time-zone.ts'
import { ensureProviders } from '../identity/ensure-providers.ts'
import { type ProjectedPlace, projectPlace } from './projection.ts'
import { findCandidates } from './projection-candidates.ts'
import { distinct, type Known, writePlaces } from './projection-places.ts'
import { readAreasNamed, readDescribedPlaces, readNative } from './projection-rows.ts'
import { withdrawAll } from './projection-writes.ts'
import { offerings } from './tables.ts'

export interface ProjectedOfferings {
  /** Places that are published offerings now. */
  projected: number
  /** Places that say too little to be matched, or are not offered now. */
  unprojected: number
  /** `id` of the service_at_location; `field` in HSDS's words, of other records as `organization.sector`. */
  flaws: { id: string; field: string; reason: string }[]
}

/**
 * Makes offerings of what feeds say of services at locations, and makes those that are there follow the feed: what
 * changed is a new version, what is not offered any more is withdrawn. Statements are by the thousand rows. Asks for
 * no permission of its own: the verbs that call it do.
 * @param serviceAtLocationIds of any number; a place that no feed describes any more is withdrawn.
 */
export async function projectOfferings(
  ctx: TransactionContext,
  serviceAtLocationIds: readonly string[],
): Promise<ProjectedOfferings> {
  const { candidates, bare } = await findCandidates(ctx, [...new Set(serviceAtLocationIds)])
  const total: ProjectedOfferings = { projected: 0, unprojected: bare, flaws: [] }
  for (const ids of chunks(candidates)) {
    const { projected, unprojected, flaws } = await projectBatch(ctx, ids)
    total.projected += projected
    total.unprojected += unprojected
    for (const flaw of flaws) total.flaws.push(flaw)
  }
  const { projected, unprojected } = total
  await record(ctx, 'offerings.project', ctx.newId(), { projected, unprojected, flaws: total.flaws.length })
  return total
}

async function projectBatch(ctx: TransactionContext, ids: readonly string[]): Promise<ProjectedOfferings> {
  const known = await lockKnown(ctx, await withoutNative(ctx, ids))
  const described = await readDescribedPlaces(ctx, ids)
  const { clock, timeZone, currency } = ctx
  const now = clock()
  const areaIdByCode = await readAreasNamed(ctx, described)
  const { date: today } = localTime(timeZone, now)
  const setting = { now, today, period: periodAt(now), timeZone, currency, areaIdByCode }
  const flaws: ProjectedOfferings['flaws'] = []
  const places = described.flatMap((one) => {
    const { projected, flaws: found } = projectPlace(one, setting)
    flaws.push(...found.map((flaw) => ({ id: one.place.id, ...flaw })))
    return projected ?? []
  })
  const providers = await ensureProviders(ctx, distinct(places.map(({ organization }) => organization)))
  const possible = places.filter(({ id, organization }) => {
    const isProvider = providers.has(organization.id)
    if (!isProvider) flaws.push({ id, field: 'organization.id', reason: 'is no provider here' })
    return isProvider
  })
  flaws.push(...(await writePlaces(ctx, possible, known)))
  await withdrawOthers(ctx, possible, known)
  return { projected: possible.length, unprojected: described.length - possible.length, flaws }
}

/** Without what was published here: no feed has a say in it. */
async function withoutNative(ctx: TransactionContext, ids: readonly string[]): Promise<string[]> {
  const native = await readNative(ctx, ids)
  return ids.filter((id) => !native.has(id))
}

/** The offerings that are there, by id. */
async function lockKnown(ctx: TransactionContext, ids: readonly string[]): Promise<Map<string, Known>> {
  const { id, unit, state } = offerings
  const rows = await ctx.tx
    .select({ id, unit, state })
    .from(offerings)
    .where(isOneOf(offerings.id, ids))
    .orderBy(offerings.id)
    .for('update')
  return new Map(rows.map((row) => [row.id, row]))
}

/** What is published and no feed offers any more. */
async function withdrawOthers(
  ctx: TransactionContext,
  places: readonly ProjectedPlace[],
  known: ReadonlyMap<string, Known>,
): Promise<void> {
  const offered = new Set(places.map(({ id }) => id))
  const gone = [...known.keys()].filter((id) => !offered.has(id))
  await emitAll(ctx, 'offering.withdrawn', await withdrawAll(ctx, gone))
}
