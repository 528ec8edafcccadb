/** Which roles may take which duty. The trigger `duties_of_role` says the same to the database. */
import type { Duty, Role } from './schemas.ts'

export const DUTY_ROLES: Record<Duty, Role> = {
  create: 'purchaser.officer',
  approve: 'purchaser.finance',
  settle: 'purchaser.finance',
  supervise: 'supervisor',
}

/** Duties of those who purchase: what one body does of them, it does not supervise. */
export const PURCHASING: readonly Duty[] = ['create', 'approve', 'settle']
