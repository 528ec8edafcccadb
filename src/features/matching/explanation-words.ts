/** The words in which explanations are said, language by language. Figures come in as they are to be read. */
import type { RuleLanguage } from '../policies/rule-words.ts'
import type { ChangeKind } from './barriers.ts'
import type { UnmetReason } from './schemas.ts'

/** What a change is about: `amount` is money or a number; `fact` is a word of this language, or '' where none is known. */
export interface ChangeInWords {
  amount: string
  /** Whether the number is one. */
  isOne: boolean
  fact: string
  /** Whether it is a walk whose length must not be told. */
  isWithheld: boolean
}

export interface ExplanationWords {
  reasons: Record<UnmetReason, string>
  changes: Record<ChangeKind, (change: ChangeInWords) => string>
  /** Facts beside those that rules have words for, and lists of refusals. */
  facts: Record<string, string>
  /** What an option is worth, as the sentences about it end; they are given '' where it must not be told. */
  worth(utility: string): string
  chosen(considered: number, name: string, worth: string): string
  booked(name: string, worth: string): string
  backfilled(name: string, worth: string): string
  runnerUp(name: string, worth: string): string
  unmet(reason: string, considered: number): string
  /** Of a need that no run has looked at yet. */
  waiting(considered: number, best: string, worth: string): string
  waitingInVain(reason: string): string
  wouldHave(change: string, name: string): string
  /** The same, where it was not verified. */
  wouldMakeRoom(change: string, name: string): string
  /** The same, of a need that waits. */
  wouldMakeOption(change: string, name: string): string
  couldHave(name: string): string
  noChange: string
  noChangeAsThingsStand: string
  offeringWithProgram(offering: string, program: string): string
  anOffering: string
  aProgram: string
  /** Between two sentences. */
  space: string
}

const options = (count: number) => `${count} option${count === 1 ? '' : 's'}`

const EN: ExplanationWords = {
  reasons: {
    consent_missing: 'a fact that matching needs was not consented to',
    data_incomplete: 'a fact that decides about eligibility or distance is not known',
    no_offering: 'nobody offers this kind of service here',
    out_of_reach: 'every offering of this kind is too far away',
    unit_mismatch: 'every offering within reach counts in another unit than the need',
    no_eligible_offering: 'no offering within reach is open to this resident',
    preference_conflict: 'the need refuses every offering that is open to this resident',
    cooling_off: 'every offering that would do was declined or fell through a short while ago',
    schedule_conflict: 'no offering is open when the resident can be served',
    over_wallet: 'what the resident would have to pay is more than the wallet holds',
    fund_exhausted: 'the money that could pay a part of it is used up',
    no_capacity: 'no offering within reach has enough room',
    outranked: 'others whose need weighs more use all the room within reach',
    displaced: 'what was chosen for it was taken or closed while the run was computed',
    excluded_by_review: 'what was proposed for it was taken out in review',
  },
  changes: {
    fund: ({ amount }) => `${amount} more in the program’s fund`,
    wallet: ({ amount }) => `${amount} more in the wallet`,
    subsidy_cap: ({ amount }) => `${amount} more of subsidy per resident`,
    capacity: ({ amount, isOne }) => `${amount} more place${isOne ? '' : 's'}`,
    staff_time: ({ amount, isOne }) => `${amount} more minute${isOne ? '' : 's'} of staff time`,
    reach({ amount, isOne, isWithheld }) {
      if (isWithheld) return 'a longer walk'
      return amount ? `a walk of ${amount} more minute${isOne ? '' : 's'}` : 'service in the resident’s area'
    },
    hours: () => 'other hours',
    refusal: ({ fact }) => `leave to choose among ${fact || 'what was refused'}`,
    cool_off: () => 'an end of the waiting time after a no',
    unit: () => 'a quantity counted in another unit',
    consent: ({ fact }) => `consent to use the ${fact || 'fact that is missing'}`,
    fact: ({ fact }) => `knowledge of the ${fact || 'facts that decide'}`,
    rule: ({ fact }) => `another eligibility rule${fact ? ` about ${fact}` : ''}`,
    place: () => 'a known place of the offering',
  },
  facts: {
    location: 'place of the home',
    livesAlone: 'household',
    organizationIds: 'the refused providers',
    offeringIds: 'the refused offerings',
    sectors: 'the refused sectors',
    caregiverGenders: 'the refused caregivers',
  },
  worth: (utility) => `, utility ${utility}`,
  chosen: (considered, name, worth) => `Chosen out of ${options(considered)}: ${name}${worth}.`,
  booked: (name, worth) => `Booked by the resident: ${name}${worth}.`,
  backfilled: (name, worth) => `A place had become free, and this need bid most for it: ${name}${worth}.`,
  runnerUp: (name, worth) => `Next best: ${name}${worth}.`,
  unmet: (reason, considered) => `Not met: ${reason} (${options(considered)} considered).`,
  waiting: (considered, best, worth) =>
    `Waiting for the next run, with ${options(considered)} now. The best: ${best}${worth}.`,
  waitingInVain: (reason) => `There is no option now: ${reason}.`,
  wouldHave: (change, name) => `It would have been met with ${change} for ${name}.`,
  wouldMakeRoom: (change, name) => `As things stand, ${change} would make room for it at ${name}.`,
  wouldMakeOption: (change, name) => `With ${change}, ${name} would be an option.`,
  couldHave: (name) => `It could have been met by ${name} as things were; the run did not find that.`,
  noChange: 'No single change would meet it.',
  noChangeAsThingsStand: 'No single change of one account would meet it as things stand.',
  offeringWithProgram: (offering, program) => `${offering} with ${program}`,
  anOffering: 'an offering',
  aProgram: 'a program',
  space: ' ',
}

const ZH_HANS: ExplanationWords = {
  reasons: {
    consent_missing: '匹配所需的一项信息未获同意使用',
    data_incomplete: '决定资格或距离的一项信息未知',
    no_offering: '这里没有人提供这类服务',
    out_of_reach: '这类服务都离得太远',
    unit_mismatch: '可及的服务都以另一种单位计量',
    no_eligible_offering: '可及的服务都不对这位居民开放',
    preference_conflict: '对这位居民开放的服务都被该需求拒绝',
    cooling_off: '合适的服务不久前都曾被拒绝或未能成行，暂不再提供',
    schedule_conflict: '居民可接受的时间内没有服务开放',
    over_wallet: '居民需自付的金额超出钱包余额',
    fund_exhausted: '可以补贴其中一部分的资金已经用完',
    no_capacity: '可及的服务都没有足够名额',
    outranked: '可及的名额都由需求更迫切的人使用',
    displaced: '计算期间，为它选定的服务已被占用或关闭',
    excluded_by_review: '为它提议的服务在审核中被排除',
  },
  changes: {
    fund: ({ amount }) => `项目资金增加${amount}`,
    wallet: ({ amount }) => `钱包增加${amount}`,
    subsidy_cap: ({ amount }) => `每位居民的补贴上限提高${amount}`,
    capacity: ({ amount }) => `增加${amount}个名额`,
    staff_time: ({ amount }) => `增加${amount}分钟人员工时`,
    reach: ({ amount, isWithheld }) =>
      isWithheld ? '多步行一段' : amount ? `多步行${amount}分钟` : '服务覆盖居民所在区域',
    hours: () => '接受其他时间',
    refusal: ({ fact }) => `不再拒绝${fact || '已拒绝的选项'}`,
    cool_off: () => '拒绝后的等待期结束',
    unit: () => '改用另一种计量单位',
    consent: ({ fact }) => `同意使用${fact || '所缺的信息'}`,
    fact: ({ fact }) => `得知${fact || '起决定作用的信息'}`,
    rule: ({ fact }) => `放宽${fact ? `关于${fact}的` : ''}资格规则`,
    place: () => '得知服务的地点',
  },
  facts: {
    location: '住处位置',
    livesAlone: '家庭状况',
    organizationIds: '已拒绝的机构',
    offeringIds: '已拒绝的服务',
    sectors: '已拒绝的机构类别',
    caregiverGenders: '已拒绝的照护人员性别',
  },
  worth: (utility) => `，效用${utility}`,
  chosen: (considered, name, worth) => `从${considered}个选项中选定：${name}${worth}。`,
  booked: (name, worth) => `由居民自行预约：${name}${worth}。`,
  backfilled: (name, worth) => `有名额空出，此需求出价最高而递补：${name}${worth}。`,
  runnerUp: (name, worth) => `其次：${name}${worth}。`,
  unmet: (reason, considered) => `未满足：${reason}（共考虑${considered}个选项）。`,
  waiting: (considered, best, worth) =>
    `正在等待下一次匹配，目前有${considered}个选项。最佳：${best}${worth}。`,
  waitingInVain: (reason) => `目前没有选项：${reason}。`,
  wouldHave: (change, name) => `若${change}，即可由${name}满足。`,
  wouldMakeRoom: (change, name) => `在现状下，若${change}，${name}即可容纳。`,
  wouldMakeOption: (change, name) => `若${change}，${name}即可成为选项。`,
  couldHave: (name) => `按当时情况本可由${name}满足，但计算未能找到。`,
  noChange: '没有任何单项改变能够满足它。',
  noChangeAsThingsStand: '在现状下，没有任何单个账户的改变能够满足它。',
  offeringWithProgram: (offering, program) => `${offering}（由${program}补贴）`,
  anOffering: '某项服务',
  aProgram: '某个项目',
  space: '',
}

const ZH_HANT: ExplanationWords = {
  reasons: {
    consent_missing: '媒合所需的一項資訊未獲同意使用',
    data_incomplete: '決定資格或距離的一項資訊未知',
    no_offering: '這裡沒有人提供這類服務',
    out_of_reach: '這類服務都離得太遠',
    unit_mismatch: '可及的服務都以另一種單位計量',
    no_eligible_offering: '可及的服務都不對這位居民開放',
    preference_conflict: '對這位居民開放的服務都被該需求拒絕',
    cooling_off: '合適的服務不久前都曾被拒絕或未能成行，暫不再提供',
    schedule_conflict: '居民可接受的時間內沒有服務開放',
    over_wallet: '居民需自付的金額超出錢包餘額',
    fund_exhausted: '可以補助其中一部分的經費已經用完',
    no_capacity: '可及的服務都沒有足夠名額',
    outranked: '可及的名額都由需求更迫切的人使用',
    displaced: '計算期間，為它選定的服務已被占用或關閉',
    excluded_by_review: '為它提議的服務在審核中被排除',
  },
  changes: {
    fund: ({ amount }) => `方案經費增加${amount}`,
    wallet: ({ amount }) => `錢包增加${amount}`,
    subsidy_cap: ({ amount }) => `每位居民的補助上限提高${amount}`,
    capacity: ({ amount }) => `增加${amount}個名額`,
    staff_time: ({ amount }) => `增加${amount}分鐘人員工時`,
    reach: ({ amount, isWithheld }) =>
      isWithheld ? '多步行一段' : amount ? `多步行${amount}分鐘` : '服務涵蓋居民所在區域',
    hours: () => '接受其他時間',
    refusal: ({ fact }) => `不再拒絕${fact || '已拒絕的選項'}`,
    cool_off: () => '拒絕後的等待期結束',
    unit: () => '改用另一種計量單位',
    consent: ({ fact }) => `同意使用${fact || '所缺的資訊'}`,
    fact: ({ fact }) => `得知${fact || '起決定作用的資訊'}`,
    rule: ({ fact }) => `放寬${fact ? `關於${fact}的` : ''}資格規則`,
    place: () => '得知服務的地點',
  },
  facts: {
    location: '住處位置',
    livesAlone: '家庭狀況',
    organizationIds: '已拒絕的機構',
    offeringIds: '已拒絕的服務',
    sectors: '已拒絕的機構類別',
    caregiverGenders: '已拒絕的照顧人員性別',
  },
  worth: (utility) => `，效用${utility}`,
  chosen: (considered, name, worth) => `從${considered}個選項中選定：${name}${worth}。`,
  booked: (name, worth) => `由居民自行預約：${name}${worth}。`,
  backfilled: (name, worth) => `有名額空出，此需求出價最高而遞補：${name}${worth}。`,
  runnerUp: (name, worth) => `其次：${name}${worth}。`,
  unmet: (reason, considered) => `未滿足：${reason}（共考慮${considered}個選項）。`,
  waiting: (considered, best, worth) =>
    `正在等待下一次媒合，目前有${considered}個選項。最佳：${best}${worth}。`,
  waitingInVain: (reason) => `目前沒有選項：${reason}。`,
  wouldHave: (change, name) => `若${change}，即可由${name}滿足。`,
  wouldMakeRoom: (change, name) => `在現況下，若${change}，${name}即可容納。`,
  wouldMakeOption: (change, name) => `若${change}，${name}即可成為選項。`,
  couldHave: (name) => `按當時情況本可由${name}滿足，但計算未能找到。`,
  noChange: '沒有任何單項改變能夠滿足它。',
  noChangeAsThingsStand: '在現況下，沒有任何單一帳戶的改變能夠滿足它。',
  offeringWithProgram: (offering, program) => `${offering}（由${program}補助）`,
  anOffering: '某項服務',
  aProgram: '某個方案',
  space: '',
}

export const EXPLANATION_WORDS: Record<RuleLanguage, ExplanationWords> = {
  en: EN,
  'zh-Hans': ZH_HANS,
  'zh-Hant': ZH_HANT,
}
