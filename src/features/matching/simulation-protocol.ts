/** What the main thread and a simulation's thread say to each other. */
import type { LaneDescriptor } from '../../platform/db/bulk-lane.ts'
import type { PolicyDocument } from '../policies/schemas.ts'
import type { SimulationReport } from './simulation-schemas.ts'
import type { SnapshotProgram } from './snapshot.ts'

export interface PolicyQuestion {
  kind: 'policy'
  version: number
  adopted: { id: string; document: PolicyDocument }
  draft: PolicyDocument
}

export interface ProgramQuestion {
  kind: 'program'
  version: number
  /** Its terms as they are today. */
  program: Omit<SnapshotProgram, 'fund'>
  /** The account that its fund has, or stands for it as long as it has none. */
  accountId: string
  /** Minor units. */
  budget: number
  changePercent: number[]
}

export type Question = PolicyQuestion | ProgramQuestion

export interface SimulationRequest {
  question: Question
  /** Whose snapshot, seed and rounds are taken. */
  runId: string
  seed: number
  rounds: number
  lane: LaneDescriptor
  encryptionKey: Uint8Array
}

export type SimulationReply = SimulationReport
