/** What the pages behind action links say, in the languages of those who read them. */
import type { ServiceUnit } from '../catalog/schemas.ts'
import type { DisputeReason } from './delivery-schemas.ts'
import type { LinkAction, ReferralStatus, RefusalReason } from './schemas.ts'

export const LANGUAGES = ['en', 'zh-Hans', 'zh-Hant'] as const
export type Language = (typeof LANGUAGES)[number]

export interface LinkWords {
  /** The language's own name. */
  name: string
  offered: string
  delivered: string
  facts: Record<'service' | 'provider' | 'quantity' | 'where' | 'when' | 'cost' | 'until', string>
  atHome: string
  remote: string
  placeNotTold: string
  free: string
  /** What the resident pays, of which price. */
  pays: (copayment: string, price: string) => string
  units: Record<ServiceUnit, string>
  /** From Monday on. */
  weekdays: readonly string[]
  actions: Record<LinkAction, string>
  why: string
  refusals: Record<RefusalReason, string>
  disputes: Record<DisputeReason, string>
  done: Record<LinkAction, string>
  thanks: string
  closeNow: string
  chooseReason: string
  over: Record<'used' | 'expired' | 'unknown' | 'failed', string>
  /** What has become of the offer. */
  statuses: Record<ReferralStatus, string>
  noAnswer: string
  accepted: string
  deliveryAnswered: string
  /** Heads of the pages without a form. */
  nothingToDo: string
  sorry: string
}

const EN: LinkWords = {
  name: 'English',
  offered: 'A service is offered to you',
  delivered: 'Did you receive this service?',
  facts: {
    service: 'Service',
    provider: 'Provider',
    quantity: 'How much',
    where: 'Where',
    when: 'Opening hours',
    cost: 'Cost',
    until: 'Please answer by',
  },
  atHome: 'At your home',
  remote: 'By telephone or online',
  placeNotTold: 'The provider will tell you',
  free: 'Free for you',
  pays: (copayment, price) => `You pay ${copayment} of ${price}`,
  units: { visit: 'visits', hour: 'hours', day: 'days', meal: 'meals', month: 'months' },
  weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  actions: {
    accept: 'Yes, I want it',
    decline: 'No, thank you',
    confirm_delivery: 'Yes, I received it',
    dispute_delivery: 'No, something was wrong',
  },
  why: 'Why?',
  refusals: {
    too_far: 'It is too far away',
    too_expensive: 'It costs too much',
    wrong_time: 'The time does not suit me',
    prefers_other_provider: 'I would like another provider',
    no_longer_needed: 'I do not need it any more',
    health_changed: 'My health has changed',
    other: 'Another reason',
  },
  disputes: {
    not_delivered: 'Nobody came, or nothing was done',
    fewer_units: 'It was less than this',
    poor_quality: 'It was not done well',
    wrong_person: 'It was for somebody else',
    other: 'Another reason',
  },
  done: {
    accept: 'You have accepted the offer. Whoever sent you the link will tell you how it goes on.',
    decline: 'You have declined the offer. Your need stays open for another one.',
    confirm_delivery: 'You have confirmed the service.',
    dispute_delivery: 'You have said that something was wrong. Somebody will look into it.',
  },
  thanks: 'Thank you',
  closeNow: 'You may close this page.',
  chooseReason: 'Please choose a reason and press the button again.',
  over: {
    used: 'This link has been used: your answer was received.',
    expired: 'The time of this link is over. Please ask whoever sent it to you.',
    unknown: 'This link is not valid. Please open it again from the message, or ask whoever sent it to you.',
    failed: 'We could not take your answer just now. Please try again in a minute.',
  },
  statuses: {
    draft: 'This offer is not open yet.',
    requested: 'This offer waits for the provider.',
    accepted: 'The provider has accepted; the service will begin.',
    rejected: 'The provider could not take it. Your need is open for another offer.',
    'in-progress': 'The service has begun.',
    'on-hold': 'The service is paused.',
    completed: 'The service is finished.',
    cancelled: 'This offer was cancelled.',
    failed: 'The service could not be given. Your need is open for another offer.',
    'entered-in-error': 'This offer was a mistake and has been withdrawn.',
  },
  noAnswer:
    'This offer has expired, because not everybody answered in time. Your need is open for another one.',
  accepted: 'You have accepted this offer already.',
  deliveryAnswered: 'You have answered this already.',
  nothingToDo: 'There is nothing left to answer',
  sorry: 'We are sorry',
}

const ZH_HANS: LinkWords = {
  name: '简体中文',
  offered: '有一项服务提供给您',
  delivered: '您收到这项服务了吗？',
  facts: {
    service: '服务',
    provider: '提供者',
    quantity: '数量',
    where: '地点',
    when: '开放时间',
    cost: '费用',
    until: '请在此之前答复',
  },
  atHome: '在您家中',
  remote: '通过电话或网络',
  placeNotTold: '提供者会告诉您',
  free: '您无需付费',
  pays: (copayment, price) => `您支付 ${copayment}（总价 ${price}）`,
  units: { visit: '次', hour: '小时', day: '天', meal: '餐', month: '个月' },
  weekdays: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  actions: {
    accept: '好，我要这项服务',
    decline: '不用了，谢谢',
    confirm_delivery: '是的，我收到了',
    dispute_delivery: '没有，有问题',
  },
  why: '为什么？',
  refusals: {
    too_far: '太远了',
    too_expensive: '太贵了',
    wrong_time: '时间不合适',
    prefers_other_provider: '我想要别的提供者',
    no_longer_needed: '我不再需要了',
    health_changed: '我的身体状况变了',
    other: '其他原因',
  },
  disputes: {
    not_delivered: '没有人来，或什么也没做',
    fewer_units: '比这里写的少',
    poor_quality: '做得不好',
    wrong_person: '服务的不是我',
    other: '其他原因',
  },
  done: {
    accept: '您已接受。发给您链接的人会告诉您后续安排。',
    decline: '您已谢绝。您的需求仍然保留，等待别的服务。',
    confirm_delivery: '您已确认收到服务。',
    dispute_delivery: '您已说明有问题，会有人处理。',
  },
  thanks: '谢谢您',
  closeNow: '您可以关闭本页。',
  chooseReason: '请选择一个原因，然后再按一次按钮。',
  over: {
    used: '这个链接已经用过：我们已收到您的答复。',
    expired: '这个链接已过期。请询问发给您链接的人。',
    unknown: '这个链接无效。请从消息中重新打开，或询问发给您链接的人。',
    failed: '现在无法接收您的答复。请过一分钟再试。',
  },
  statuses: {
    draft: '这项服务还没有开放。',
    requested: '正在等待提供者答复。',
    accepted: '提供者已接受，服务即将开始。',
    rejected: '提供者无法承接。您的需求仍然保留，等待别的服务。',
    'in-progress': '服务已经开始。',
    'on-hold': '服务暂停中。',
    completed: '服务已经结束。',
    cancelled: '这项服务已取消。',
    failed: '服务未能提供。您的需求仍然保留，等待别的服务。',
    'entered-in-error': '这项服务是误发的，已经撤回。',
  },
  noAnswer: '因为有人没有及时答复，这项服务已失效。您的需求仍然保留，等待别的服务。',
  accepted: '您已经接受了这项服务。',
  deliveryAnswered: '您已经答复过了。',
  nothingToDo: '无需再答复',
  sorry: '很抱歉',
}

const ZH_HANT: LinkWords = {
  name: '繁體中文',
  offered: '有一項服務提供給您',
  delivered: '您收到這項服務了嗎？',
  facts: {
    service: '服務',
    provider: '提供者',
    quantity: '數量',
    where: '地點',
    when: '開放時間',
    cost: '費用',
    until: '請在此之前答覆',
  },
  atHome: '在您家中',
  remote: '透過電話或網路',
  placeNotTold: '提供者會告訴您',
  free: '您無需付費',
  pays: (copayment, price) => `您支付 ${copayment}（總價 ${price}）`,
  units: { visit: '次', hour: '小時', day: '天', meal: '餐', month: '個月' },
  weekdays: ['週一', '週二', '週三', '週四', '週五', '週六', '週日'],
  actions: {
    accept: '好，我要這項服務',
    decline: '不用了，謝謝',
    confirm_delivery: '是的，我收到了',
    dispute_delivery: '沒有，有問題',
  },
  why: '為什麼？',
  refusals: {
    too_far: '太遠了',
    too_expensive: '太貴了',
    wrong_time: '時間不合適',
    prefers_other_provider: '我想要別的提供者',
    no_longer_needed: '我不再需要了',
    health_changed: '我的身體狀況變了',
    other: '其他原因',
  },
  disputes: {
    not_delivered: '沒有人來，或什麼也沒做',
    fewer_units: '比這裡寫的少',
    poor_quality: '做得不好',
    wrong_person: '服務的不是我',
    other: '其他原因',
  },
  done: {
    accept: '您已接受。傳給您連結的人會告訴您後續安排。',
    decline: '您已謝絕。您的需求仍然保留，等待別的服務。',
    confirm_delivery: '您已確認收到服務。',
    dispute_delivery: '您已說明有問題，會有人處理。',
  },
  thanks: '謝謝您',
  closeNow: '您可以關閉本頁。',
  chooseReason: '請選擇一個原因，然後再按一次按鈕。',
  over: {
    used: '這個連結已經用過：我們已收到您的答覆。',
    expired: '這個連結已過期。請詢問傳給您連結的人。',
    unknown: '這個連結無效。請從訊息中重新開啟，或詢問傳給您連結的人。',
    failed: '現在無法接收您的答覆。請過一分鐘再試。',
  },
  statuses: {
    draft: '這項服務還沒有開放。',
    requested: '正在等待提供者答覆。',
    accepted: '提供者已接受，服務即將開始。',
    rejected: '提供者無法承接。您的需求仍然保留，等待別的服務。',
    'in-progress': '服務已經開始。',
    'on-hold': '服務暫停中。',
    completed: '服務已經結束。',
    cancelled: '這項服務已取消。',
    failed: '服務未能提供。您的需求仍然保留，等待別的服務。',
    'entered-in-error': '這項服務是誤發的，已經撤回。',
  },
  noAnswer: '因為有人沒有及時答覆，這項服務已失效。您的需求仍然保留，等待別的服務。',
  accepted: '您已經接受了這項服務。',
  deliveryAnswered: '您已經答覆過了。',
  nothingToDo: '無需再答覆',
  sorry: '很抱歉',
}

export const WORDS: Record<Language, LinkWords> = { en: EN, 'zh-Hans': ZH_HANS, 'zh-Hant': ZH_HANT }

/**
 * The language to speak: the one that was asked for, else the reader's most preferred one that we speak
 * (`Accept-Language`), else English. Taiwan, Hong Kong and Macau write traditional characters.
 */
export function chooseLanguage(asked: string | undefined, accepted: string | undefined): Language {
  const known = LANGUAGES.find((language) => language === asked)
  if (known) return known
  const ranges = (accepted ?? '')
    .slice(0, 500)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';')
      const q = parameters.map((one) => /^\s*q=([\d.]+)/.exec(one)?.[1]).find((found) => found !== undefined)
      return { tag, weight: q === undefined ? 1 : Number(q) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
  for (const { tag } of ranges) {
    if (/^en\b/.test(tag)) return 'en'
    if (/^zh-(hant|tw|hk|mo)\b/.test(tag)) return 'zh-Hant'
    if (/^zh\b/.test(tag)) return 'zh-Hans'
  }
  return 'en'
}
