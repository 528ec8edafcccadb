/** From rows to what the API answers. */
import type { Account } from '../../platform/ledger/accounts.ts'
import { localTime } from '../../platform/time-zone.ts'
import { sentenceOf } from '../policies/eligibility.ts'
import type { Assurance } from './assurance-schemas.ts'
import type { Capacity, StaffTime } from './capacity-schemas.ts'
import type { ChangeRequest } from './change-request-schemas.ts'
import { isConfidential } from './confidential.ts'
import type { OfferingDetail } from './get-offering.ts'
import type { CapacityRow } from './list-capacities.ts'
import type { ChangeRequestRow } from './list-change-requests.ts'
import type { LocationView } from './list-locations.ts'
import type { Location } from './location-schemas.ts'
import { pointOf } from './point.ts'
import { recurrencesOf } from './recurrences.ts'
import type { Offering } from './schemas.ts'

export function toLocation({ latitude, longitude, createdAt, ...row }: LocationView): Location {
  const point = pointOf({ latitude, longitude })
  return { ...row, point, confidential: isConfidential(row), createdAt: createdAt.toISOString() }
}

/** Recurrences begin on the day of publication. */
export function toOffering({ createdAt, assurance, ...row }: OfferingDetail): Offering {
  const { hours, eligibility } = row
  return {
    ...row,
    eligibilitySentences: eligibility && {
      en: sentenceOf(eligibility),
      'zh-Hant': sentenceOf(eligibility, 'zh-Hant'),
      'zh-Hans': sentenceOf(eligibility, 'zh-Hans'),
    },
    recurrences: hours ? recurrencesOf(hours, localTime(hours.timeZone, createdAt).date) : [],
    assurance: assurance && toAssurance(assurance),
    createdAt: createdAt.toISOString(),
  }
}

function toAssurance(assurance: NonNullable<OfferingDetail['assurance']>): Assurance {
  const { what, assuredBy, assuredByName, assuredVersion, assuredAt, lapsesAt, state } = assurance
  return {
    what,
    assuredBy,
    assuredByName,
    assuredVersion,
    assuredAt: assuredAt.toISOString(),
    lapsesAt: lapsesAt.toISOString(),
    state,
  }
}

export function toCapacity(row: CapacityRow): Capacity {
  const { period, maximum, funded, limit, held, spent, status, updatedAt } = row
  const available = limit - held - spent
  return { period, maximum, funded, held, spent, available, status, updatedAt: updatedAt.toISOString() }
}

export function toStaffTime({ period, limit, held, spent }: Account): StaffTime {
  return { period, maximum: limit, held, spent, available: limit - held - spent }
}

export function toChangeRequest(row: ChangeRequestRow): ChangeRequest {
  const { proposerId: _proposer, decidedBy: _decider, decidedAt, createdAt, proposerRole, ...rest } = row
  return {
    ...rest,
    proposerRole: proposerRole as ChangeRequest['proposerRole'],
    decidedAt: decidedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }
}
