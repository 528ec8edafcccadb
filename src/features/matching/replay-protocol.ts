/** What the main thread and a replay's thread say to each other. */
import type { LaneDescriptor } from '../../platform/db/bulk-lane.ts'
import type { PolicyDocument } from '../policies/schemas.ts'
import type { RunReply } from './run-protocol.ts'

/** What the run's rows say today; whatever they do not say comes from the snapshot that was kept. */
export interface ReplayRequest {
  runId: string
  period: string
  policy: PolicyDocument
  seed: number
  rounds: number
  lane: LaneDescriptor
  encryptionKey: Uint8Array
}

/** Null where there is no snapshot that could be solved. */
export type ReplayReply = Omit<RunReply, 'choices'> | null
