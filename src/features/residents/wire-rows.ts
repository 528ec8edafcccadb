/** Rows of residents and consents as they go over the wire. */
import type { Context } from '../../platform/context.ts'
import type { ResidentRow } from './find-resident.ts'
import type { ConsentRow } from './give-consent.ts'
import type { Consent, RegisteredResident, Resident } from './schemas.ts'
import { createReferenceSeal } from './sealed-reference.ts'

/** A resident with the reference opened, for its own partner. The keys are derived once for many. */
export function toResident(ctx: Context): (row: ResidentRow) => Resident {
  const seal = createReferenceSeal(ctx.encryptionKey)
  return (row) => ({ ...toRegistered(row), reference: seal.open(row.id, row.referenceSealed) })
}

/** A resident without the reference. */
export function toRegistered(row: ResidentRow): RegisteredResident {
  const {
    organizationId,
    referenceHash,
    referenceSealed,
    erasedAt,
    latitude,
    longitude,
    createdAt,
    ...rest
  } = row
  return { ...rest, point: { latitude, longitude }, createdAt: createdAt.toISOString() }
}

/** A receipt. */
export function toConsent({ givenAt, expiresAt, withdrawnAt, ...row }: ConsentRow): Consent {
  return {
    ...row,
    givenAt: givenAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    withdrawnAt: withdrawnAt?.toISOString() ?? null,
  }
}
