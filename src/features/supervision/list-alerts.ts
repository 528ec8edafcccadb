import type { Context } from '../../platform/context.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { periodAt } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import type { Alert, AlertsQuery } from './alert-schemas.ts'
import { findAlerts } from './find-alerts.ts'

/**
 * What the data of a month say should be looked at, in the actor's area: the heaviest first. Reckoned anew every time.
 * @throws Refusal `invalid_input` for a cursor whose alert is gone since.
 */
export async function listAlerts(ctx: Context, asked: AlertsQuery): Promise<Page<Alert>> {
  permit(ctx, 'alert.read')
  const { limit, cursor, kind, areaId, period } = asked
  const alerts = await findAlerts(ctx, {
    period: period ?? periodAt(ctx.clock()),
    areaId: areaId ?? null,
    kind: kind ?? null,
  })
  const last = cursor ? alerts.findIndex(({ id }) => id === cursor) : -1
  if (cursor && last < 0) {
    throw invalidInput([{ path: ['cursor'], message: 'that alert is gone since: begin with the first page' }])
  }
  return toPage(alerts.slice(last + 1), limit)
}
