/** Reads a run's snapshot through the bulk lane, inside the run's thread. Facts without consent stay behind here. */

import type { BulkLane, LaneParameter } from '../../platform/db/bulk-lane.ts'
import { DAY_MS } from '../../platform/period.ts'
import { localTime } from '../../platform/time-zone.ts'
import type { PolicyDocument } from '../policies/schemas.ts'
import { subsidyCapOwner } from '../programs/subsidy-cap.ts'
import { type ConsentReceipt, coveredFacts, visibleFacts } from '../residents/consented-facts.ts'
import type { Assessment, ConsentFact, IncomeClass } from '../residents/schemas.ts'
import { coolingOffOf } from './cooling-off.ts'
import { type Reviewed, readReviewed, reviewedAs } from './read-reviewed.ts'
import type {
  Snapshot,
  SnapshotNeed,
  SnapshotOffering,
  SnapshotProgram,
  SnapshotResident,
} from './snapshot.ts'

export interface SnapshotScope {
  /** The run that reads it, if one does: what reviewers have decided about it binds it. */
  runId?: string
  areaId: string
  period: string
  currency: string
  policy: PolicyDocument
  /** The organization that the run is for: facts are seen by its leave. */
  recipientId: string
  /** Consents and waiting times are judged at this instant. */
  now: Date
  /** IANA name of the deployment's zone: the day that `now` is part of. */
  timeZone: string
}

const BATCH = 2000

/** Areas below the scope's root, $1. */
const SUBTREE = `with recursive subtree as (
  select id from areas where id = $1::uuid
  union all select a.id from areas a join subtree s on a.parent_id = s.id)`

/** Everything the run may use: open needs of the area's residents, offerings that can reach them, open programs. */
export async function readSnapshot(lane: BulkLane, scope: SnapshotScope): Promise<Snapshot> {
  const { areaId, period, currency, policy } = scope
  const parents = Object.fromEntries(
    (
      await all<{ id: string; parentId: string | null }>(
        lane,
        'select id, parent_id as "parentId" from areas order by id',
        [],
      )
    ).map((area) => [area.id, area.parentId]),
  )
  const reviewed = await readReviewed(lane, scope.runId)
  const keptNeeds = `{${[...reviewed.pinned.keys()].join(',')}}`
  const needs = await readNeeds(lane, scope, reviewed, keptNeeds)
  const readAt = scope.now.toISOString()
  const residents = (
    await all<ResidentRow>(lane, RESIDENTS, [areaId, period, currency, readAt, keptNeeds])
  ).map((row) => toResident(row, scope))
  const offerings = await all<SnapshotOffering>(lane, OFFERINGS, [areaId, period])
  const programs = (await all<SnapshotProgram>(lane, PROGRAMS, [period])).filter((program) =>
    related(parents, program.areaId, areaId),
  )
  const drawn = await readDrawn(lane, scope, programs, residents)
  const { date: today } = localTime(scope.timeZone, scope.now)
  return { period, today, policy, parents, residents, needs, offerings, programs, drawn }
}

async function all<T>(lane: BulkLane, sql: string, parameters: LaneParameter[]): Promise<T[]> {
  const found: T[] = []
  for await (const batch of lane.rows<T>(sql, parameters, BATCH)) found.push(...batch)
  return found
}

/** Who served the last need of the kind, where that is preferred. */
const LAST_PROVIDER = `case when (n.preferences ->> 'keepProvider')::boolean then (
    select o.organization_id from matches m join needs earlier on earlier.id = m.need_id
      join offerings o on o.id = m.offering_id
    where earlier.resident_id = n.resident_id and earlier.category = n.category and earlier.term = n.term
      and earlier.state in ('in_service', 'met') and m.state = 'approved'
    order by m.id desc limit 1) end`

const NEEDS = `${SUBTREE}
  select n.id, n.resident_id as "residentId", n.category, n.term, n.tier, n.quantity,
    n.unit, n.needed_by::text as "neededBy",
    n.acceptable_hours as "acceptableHours", n.preferences, n.refusals, n.max_walking_minutes as "maxWalkingMinutes",
    ${LAST_PROVIDER} as "lastProviderId", n.waiting_since as "waitingSince", n.priority
  from needs n join residents r on r.id = n.resident_id
  where n.period = $2 and (n.state = 'in_run' or n.id = any($3::uuid[])) and r.area_id in (select id from subtree)
  order by n.id`

async function readNeeds(
  lane: BulkLane,
  { areaId, period, now }: SnapshotScope,
  reviewed: Reviewed,
  keptNeeds: string,
): Promise<SnapshotNeed[]> {
  const rows = await all<Omit<SnapshotNeed, 'waitingDays'> & { waitingSince: Date }>(lane, NEEDS, [
    areaId,
    period,
    keptNeeds,
  ])
  return rows.map(({ waitingSince, ...need }) => ({
    ...need,
    waitingDays: Math.max(0, Math.floor((now.getTime() - waitingSince.getTime()) / DAY_MS)),
    ...reviewedAs(reviewed, need.id),
  }))
}

interface ResidentRow {
  id: string
  areaId: string
  latitude: number
  longitude: number
  languages: string[]
  birthYear: number | null
  mobility: string | null
  assessments: Assessment[]
  incomeClass: IncomeClass | null
  livesAlone: boolean | null
  walletId: string | null
  walletAvailable: number | null
  consents: {
    purpose: ConsentReceipt['purpose']
    recipientId: string | null
    facts: ConsentFact[]
    givenAt: string
    expiresAt: string | null
  }[]
  cooledOfferingIds: string[] | null
  cooledOrganizationIds: string[] | null
}

/** A consent that was taken back since the run was ordered counts for nothing, whatever the instant it is judged at. */
const RESIDENTS = `${SUBTREE}
  select r.id, r.area_id as "areaId", r.latitude, r.longitude, r.languages, r.birth_year as "birthYear", r.mobility,
    r.assessments, r.income_class as "incomeClass", r.lives_alone as "livesAlone",
    w.id as "walletId", w."limit" - w.held - w.spent as "walletAvailable",
    coalesce((select jsonb_agg(jsonb_build_object('purpose', c.purpose, 'recipientId', c.recipient_id,
      'facts', c.facts, 'givenAt', c.given_at, 'expiresAt', c.expires_at) order by c.id)
      from consents c where c.resident_id = r.id and c.purpose in ('matching', 'statistics')
        and c.withdrawn_at is null), '[]'::jsonb) as consents,
    cooled."offeringIds" as "cooledOfferingIds", cooled."organizationIds" as "cooledOrganizationIds"
  from residents r
  left join lateral (
    select jsonb_agg(distinct c.offering_id) filter (where c.offering_id is not null) as "offeringIds",
      jsonb_agg(distinct c.organization_id) filter (where c.organization_id is not null) as "organizationIds"
    from cool_offs c where c.resident_id = r.id and c.until > $4::timestamptz) cooled on true
  left join accounts w on w.kind = 'wallet' and w.owner_id = r.id and w.period = $2 and w.unit = $3
  where r.area_id in (select id from subtree)
    and exists (select 1 from needs n where n.resident_id = r.id and n.period = $2
      and (n.state = 'in_run' or n.id = any($5::uuid[])))
  order by r.id`

function toResident(row: ResidentRow, { period, recipientId, now }: SnapshotScope): SnapshotResident {
  const receipts = row.consents.map((consent) => ({
    ...consent,
    givenAt: new Date(consent.givenAt),
    expiresAt: consent.expiresAt ? new Date(consent.expiresAt) : null,
    withdrawnAt: null,
  }))
  const visible = visibleFacts(row, receipts, { purpose: 'matching', recipientId, now, period })
  const counted = coveredFacts(receipts, { purpose: 'statistics', recipientId, now })
  const { incomeClass } = row
  return {
    id: row.id,
    areaId: row.areaId,
    point: visible.point,
    languages: visible.languages,
    facts: visible.facts,
    ...(counted.has('income_class') && incomeClass ? { statistics: { incomeClass } } : {}),
    ...coolingOffOf(row.cooledOfferingIds, row.cooledOrganizationIds),
    wallet: row.walletId ? { accountId: row.walletId, available: row.walletAvailable ?? 0 } : null,
  }
}

const OFFERINGS = `${SUBTREE}
  select o.id, o.organization_id as "organizationId", g.sector, s.category, s.term, o.tier, o.mode,
    case when l.latitude is null or l.longitude is null then null
      else jsonb_build_object('latitude', l.latitude, 'longitude', l.longitude) end as point,
    o.service_area_ids as "serviceAreaIds", o.price, o.unit, o.staff_minutes_per_unit as "staffMinutesPerUnit",
    o.languages, o.caregiver_genders as "caregiverGenders", o.hours, o.eligibility,
    jsonb_build_object('accountId', c.id, 'available', c."limit" - c.held - c.spent, 'limit', c."limit") as capacity,
    case when t.id is null or o.staff_minutes_per_unit = 0 then null
      else jsonb_build_object('accountId', t.id, 'available', t."limit" - t.held - t.spent) end as "staffTime"
  from offerings o
  join services s on s.id = o.service_id
  join organizations g on g.id = o.organization_id
  join locations l on l.id = o.location_id
  join accounts c on c.kind = 'capacity' and c.owner_id = o.id and c.period = $2 and c.unit = o.unit::text
  left join offering_capacities m on m.offering_id = o.id and m.period = $2
  left join accounts t on t.kind = 'staff_time' and t.owner_id = o.organization_id and t.period = $2 and t.unit = 'minute'
  where o.state = 'published' and (m.status is null or m.status not in ('no-capacity', 'waitlist'))
    and (l.area_id in (select id from subtree)
      or exists (select 1 from jsonb_array_elements_text(o.service_area_ids) as a(id) where a.id::uuid in (select id from subtree)))
  order by o.id`

const PROGRAMS = `
  select p.id, p.name, p.area_id as "areaId", p.categories, p.tiers, p.eligibility, p.subsidy_share as "subsidyShare",
    p.subsidy_fixed as "subsidyFixed", p.subsidy_order as "subsidyOrder", p.price_ceiling as "priceCeiling",
    p.unit_cap as "unitCap", p.resident_cap as "residentCap",
    jsonb_build_object('accountId', f.id, 'available', f."limit" - f.held - f.spent, 'limit', f."limit") as fund
  from programs p join accounts f on f.id = p.fund_account_id
  where p.state = 'open' and p.period = $1
  order by p.id`

/** Whether one area lies on the other's way up to the root. */
function related(parents: Record<string, string | null>, one: string, other: string): boolean {
  const above = (from: string, wanted: string) => {
    for (let at: string | null | undefined = from; at; at = parents[at]) if (at === wanted) return true
    return false
  }
  return above(one, other) || above(other, one)
}

const DRAWN = `select owner_id as "ownerId", held + spent as drawn from accounts
  where kind = 'subsidy_cap' and period = $1 and held + spent > 0 order by id`

/** Per-resident caps are accounts under a name derived from program and resident: derive, then look up. */
async function readDrawn(
  lane: BulkLane,
  { period }: SnapshotScope,
  programs: SnapshotProgram[],
  residents: SnapshotResident[],
): Promise<Record<string, number>> {
  const byOwner = new Map(
    (await all<{ ownerId: string; drawn: number }>(lane, DRAWN, [period])).map((row) => [
      row.ownerId,
      row.drawn,
    ]),
  )
  const drawn: Record<string, number> = {}
  if (byOwner.size === 0) return drawn
  for (const program of programs.filter(({ residentCap }) => residentCap !== null)) {
    for (const resident of residents) {
      const amount = byOwner.get(subsidyCapOwner(program.id, resident.id))
      if (amount) drawn[`${program.id} ${resident.id}`] = amount
    }
  }
  return drawn
}
