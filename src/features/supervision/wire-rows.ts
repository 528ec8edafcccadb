import type { Grievance } from './grievance-schemas.ts'
import type { GrievanceRow } from './list-grievances.ts'

/** A complaint or an appeal as it is told. */
export function toGrievance({
  areaId: _,
  decidedBy: __,
  decidedAt,
  createdAt,
  reason,
  ...row
}: GrievanceRow): Grievance {
  return {
    ...row,
    reason: reason as Grievance['reason'],
    decidedAt: decidedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }
}
