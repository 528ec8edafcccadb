/** What the main thread and a run's thread say to each other. */
import type { LaneDescriptor } from '../../platform/db/bulk-lane.ts'
import type { Option } from './options.ts'
import type { SnapshotScope } from './read-snapshot.ts'
import type { RunProgress, RunResult } from './schemas.ts'

export interface RunRequest extends SnapshotScope {
  runId: string
  seed: number
  rounds: number
  lane: LaneDescriptor
  /** Seals the snapshot, which is kept. */
  encryptionKey: Uint8Array
}

export type RunReport = RunProgress

/** A need with the option chosen for it: what `write-run` turns into a match and its holds. */
export interface Choice
  extends Pick<Option, 'price' | 'subsidy' | 'copayment' | 'walkingMinutes' | 'utility' | 'parts'> {
  needId: string
  residentId: string
  quantity: number
  /** Where the policy serves tiers one after the other, the tier's place in that order; else 0. */
  stage: number
  offeringId: string
  providerId: string
  programId: string | null
  capacityAccountId: string
  staffTime: { accountId: string; minutes: number } | null
  fundAccountId: string | null
  walletAccountId: string | null
  /** The program's cap for one resident and period; null = none. */
  residentCap: number | null
}

export interface RunReply {
  result: RunResult
  choices: Choice[]
  snapshotHash: string
  assignmentHash: string
  /** Of choices, prices, reasons and figures. */
  resultHash: string
}
