/** What the main thread and an import's thread say to each other. */
import type { LaneDescriptor } from '../../platform/db/bulk-lane.ts'
import type { JsonValue, RecordKind } from '../directory/record.ts'
import type { RowAccount } from './row-accounts.ts'
import type { FeedSource, ImportProgress } from './schemas.ts'

export interface ImportRequest {
  importId: string
  /** The feed's name. */
  feed: string
  source: FeedSource
  content: string | null
  map: JsonValue
  sector: string | null
  /** The organization that imports, by the feed's id for it and by ours. */
  own: { sourceId: string; id: string } | null
  /** Whether addresses may lie in private networks. */
  allowPrivate: boolean
  lane: LaneDescriptor
}

export type ImportReport = ImportProgress

export interface ImportReply {
  /** Rows in the staging table. */
  staged: number
  united: number
  /** Rows in the report so far; ordinals go on from here. */
  flaws: number
  accounts: RowAccount[]
  /** Records that the checks refused, by kind. */
  refused: Partial<Record<RecordKind, number>>
}
