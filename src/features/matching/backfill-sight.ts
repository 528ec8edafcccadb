/** Which waiting needs an offering may serve, and what each could be worth at most: what is looked at for a place. */
import { type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { DAY_MS } from '../../platform/period.ts'
import { type PolicyDocument, Tier } from '../policies/schemas.ts'
import { WAITING } from '../residents/need-lifecycle.ts'
import type { Priority } from '../residents/schemas.ts'
import type { SnapshotOffering } from './snapshot.ts'
import { mostUtility } from './utility.ts'

export interface NeedInSight {
  id: string
  stage: number
  /** No option of it is worth more. */
  most: number
}

/** Where the policy serves tiers one after the other, the tier's place in that order; else 0. */
export function stageOf({ order }: PolicyDocument, tier: Tier): number {
  return order === 'by_tier' ? Tier.options.indexOf(tier) : 0
}

/** Why matches ended that nobody has said no to: a need that had one may well have the place. */
const OF_THE_RUN = ['run_cancelled', 'run_failed', 'run_resolved', 'no_longer_valid']

/**
 * The needs of the period that wait for the offering's kind and may be within reach, those that can be worth most first, stage
 * by stage.
 * Left out are needs that an appeal stays, and those that gave up a place of the offering or were denied one: they would
 * be offered the same again. Where residents live only decides who is out of reach; who has not consented to its use is
 * no candidate for a place that is measured from anyway. Inside the caller's transaction; locks nothing.
 */
export async function needsInSight(
  ctx: Context,
  offering: SnapshotOffering,
  period: string,
  policy: PolicyDocument,
): Promise<NeedInSight[]> {
  const { rows } = (await query(ctx).execute(sql`
    select n.id, n.tier, n.priority,
      floor((extract(epoch from n.waiting_since) * 1000))::float8 as "waitingSince"
    from needs n join residents r on r.id = n.resident_id
    where n.period = ${period} and n.state in (${list(WAITING)}) and n.stayed_at is null
      and r.erased_at is null
      and n.category = ${offering.category} and n.term = ${offering.term}
      and (n.unit is null or n.unit = ${offering.unit})
      and n.quantity <= ${offering.capacity.available}
      and not exists (select 1 from matches m where m.need_id = n.id and m.offering_id = ${offering.id}
        and m.state in ('excluded', 'released')
        and coalesce(m.exclusion_reason, '') not in (${list(OF_THE_RUN)}))
      and ${nearEnough(offering, policy)}
    order by n.id`)) as unknown as {
    rows: { id: string; tier: Tier; priority: Priority; waitingSince: number }[]
  }
  const now = ctx.clock().getTime()
  const inSight = rows.map(({ id, tier, priority, waitingSince }): NeedInSight => {
    const waitingDays = Math.max(0, Math.floor((now - waitingSince) / DAY_MS))
    const most = mostUtility(policy, { needTier: tier, priority, waitingDays })
    return { id, stage: stageOf(policy, tier), most }
  })
  // Array sort is stable, so equal ones keep the order of their ids.
  return inSight.sort((one, other) => one.stage - other.stage || other.most - one.most)
}

const list = (values: readonly string[]) =>
  sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )

/** Meters of a degree of latitude, a little less than any there is: too many may be in sight, never too few. */
const METERS_PER_DEGREE = 110_000

/** A box around the place, as wide as the longest walk of the need. */
function nearEnough({ serviceAreaIds, mode, point }: SnapshotOffering, policy: PolicyDocument): SQL {
  if (serviceAreaIds.length > 0) {
    return sql`r.area_id in (with recursive served(id) as (
        select id from areas where id = any(${sql.param(`{${serviceAreaIds.join(',')}}`)}::uuid[])
        union select a.id from areas a join served on a.parent_id = served.id)
      select id from served)`
  }
  if (mode === 'remote') return sql`true`
  if (!point) return sql`false`
  const { metersPerSecond, onsiteMinutes, homeMinutes, detourFactor } = policy.reach
  const fastest = Math.max(...Object.values(metersPerSecond))
  const minutes =
    mode === 'home'
      ? sql`${homeMinutes}::float8`
      : sql`coalesce(n.max_walking_minutes, ${onsiteMinutes})::float8`
  const degrees = sql`(${minutes} * ${(60 * fastest) / detourFactor / METERS_PER_DEGREE}::float8)`
  const { latitude, longitude } = point
  const east = sql`abs(r.longitude - ${longitude}::float8)`
  return sql`abs(r.latitude - ${latitude}::float8) <= ${degrees}
    and least(${east}, 360 - ${east}) * cos(radians(least(89.9, abs(${latitude}::float8) + ${degrees}))) <= ${degrees}`
}
