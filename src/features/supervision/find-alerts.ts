import { createHash } from 'node:crypto'
import type { Context } from '../../platform/context.ts'
import { periodAfter } from '../../platform/period.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { type Alert, AlertKind, WEIGHTS } from './alert-schemas.ts'
import type { AlertScope, Raised } from './alerts/alert-scope.ts'
import { findConcentrations } from './alerts/concentration.ts'
import { findUpheldDisputes } from './alerts/disputes-upheld.ts'
import { findFastDeliveries } from './alerts/fast-deliveries.ts'
import { findLapsedAssurances } from './alerts/lapsed-assurances.ts'
import { findNoShows } from './alerts/no-shows.ts'
import { findPriceOutliers } from './alerts/price-outliers.ts'
import { findSelfDealing } from './alerts/self-dealing.ts'
import { findUnusedCapacity } from './alerts/unused-capacity.ts'

const LOOKS: Record<AlertKind, (ctx: Context, scope: AlertScope) => Promise<Raised[]>> = {
  self_dealing: findSelfDealing,
  deliveries_too_fast: findFastDeliveries,
  price_outlier: findPriceOutliers,
  no_shows: findNoShows,
  disputes_upheld: findUpheldDisputes,
  concentration: findConcentrations,
  lapsed_assurance: findLapsedAssurances,
  capacity_never_used: findUnusedCapacity,
}

export interface Sought {
  period: string
  /** An area and all in it; null = all of the actor's. */
  areaId: string | null
  /** Null = every kind. */
  kind: AlertKind | null
}

/** Alerts in the actor's area as the data give them now: the heaviest first, always in the same order. */
export async function findAlerts(ctx: Context, { period, areaId, kind }: Sought): Promise<Alert[]> {
  const start = new Date(`${period}-01T00:00:00Z`)
  const end = new Date(`${periodAfter(period)}-01T00:00:00Z`)
  const scope = { period, start, end, now: ctx.clock(), areaIds: await areasSought(ctx, areaId) }
  const alerts: Alert[] = []
  for (const one of kind ? [kind] : AlertKind.options) {
    const raised = await LOOKS[one](ctx, scope)
    alerts.push(...raised.map((each) => named(one, period, each)))
  }
  return alerts.sort((one, other) => other.weight - one.weight || (one.id < other.id ? -1 : 1))
}

/** Those asked for among those of the actor; null = everywhere. */
async function areasSought(ctx: Context, areaId: string | null): Promise<string[] | null> {
  const own = ctx.actor.areaId ? await areaSubtree(ctx, ctx.actor.areaId) : null
  const sought = areaId ? await areaSubtree(ctx, areaId) : null
  if (!own || !sought) return own ?? sought
  const within = new Set(own)
  return sought.filter((id) => within.has(id))
}

function named(kind: AlertKind, period: string, raised: Raised): Alert {
  const id = nameOf([kind, period, raised.subjectId, raised.programId ?? ''])
  return { id, kind, period, ...raised, weight: WEIGHTS[kind] }
}

/** A UUID (version 8) that the same parts always give. */
function nameOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join(' ')).digest('hex')
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4]
  const grouped = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ]
  return [...grouped, hex.slice(20, 32)].join('-')
}
