/** Where and when alerts are looked for, and what a look gives. */
import type { Alert } from '../alert-schemas.ts'

export interface AlertScope {
  period: string
  /** Null = everywhere. */
  areaIds: readonly string[] | null
  /** First instant of the month, and of the next. */
  start: Date
  end: Date
  now: Date
}

/** An alert before it is named. */
export type Raised = Pick<
  Alert,
  | 'subjectKind'
  | 'subjectId'
  | 'offeringId'
  | 'providerId'
  | 'programId'
  | 'figures'
  | 'threshold'
  | 'sentence'
>

/** About one offering. */
export function aboutOffering(offeringId: string, providerId: string) {
  return { subjectKind: 'offering' as const, subjectId: offeringId, offeringId, providerId, programId: null }
}

/** About a provider, and all that it offers. */
export function aboutProvider(providerId: string, programId: string | null = null) {
  return {
    subjectKind: 'organization' as const,
    subjectId: providerId,
    offeringId: null,
    providerId,
    programId,
  }
}

/** A share as people say it, rounded down, so that none is told that is not reached. */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`
}
