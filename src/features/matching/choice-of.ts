/** An option as it is written down: as a match with all that it takes. */
import type { Option } from './options.ts'
import type { Choice } from './run-protocol.ts'
import type { SnapshotNeed, SnapshotResident } from './snapshot.ts'

/** @param stage where the policy serves tiers one after the other, the tier's place in that order; else 0. */
export function choiceOf(
  need: Pick<SnapshotNeed, 'id' | 'quantity'>,
  resident: Pick<SnapshotResident, 'id' | 'wallet'>,
  option: Option,
  stage: number,
): Choice {
  const { offering, program, price, subsidy, copayment, walkingMinutes, utility, parts } = option
  return {
    needId: need.id,
    residentId: resident.id,
    quantity: need.quantity,
    stage,
    offeringId: offering.id,
    providerId: offering.organizationId,
    programId: program?.id ?? null,
    price,
    subsidy,
    copayment,
    walkingMinutes,
    utility,
    parts,
    capacityAccountId: offering.capacity.accountId,
    staffTime: offering.staffTime
      ? { accountId: offering.staffTime.accountId, minutes: need.quantity * offering.staffMinutesPerUnit }
      : null,
    fundAccountId: program?.fund.accountId ?? null,
    walletAccountId: resident.wallet?.accountId ?? null,
    residentCap: program?.residentCap ?? null,
  }
}
