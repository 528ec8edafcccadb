/** Seals the audit log every few minutes. */
import { recurringJob } from '../jobs/recurring.ts'
import { sealAudit } from './seal-audit.ts'

const EVERY_MS = 10 * 60_000

export const sealAuditJob = recurringJob('audit.seal', EVERY_MS, sealAudit)
