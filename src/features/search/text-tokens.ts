/**
 * Text cut into tokens, for English and Chinese alike and without a dictionary: Chinese, Japanese and Korean runs into
 * pairs of characters, other words into trigrams. A word is found where most of its tokens are, so endings, compounds
 * and single slips of the finger do not matter.
 */

const CJK = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}ー'
const RUNS = new RegExp(`[${CJK}]+|(?:(?![${CJK}])[\\p{L}\\p{N}])+`, 'gu')
const IS_CJK = new RegExp(`^[${CJK}]`, 'u')
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const IS_ASCII = /^[\u0000-\u007f]*$/
const ACCENTS = /[\u0300-\u036f]/g

/** The two ways to write the first character of Taipei and Taiwan stand side by side in official lists. */
const SAME_CHARACTER = /台/g

/** The words of a text, folded: no case, no accents, no full-width forms. A run of CJK characters is one word. */
export function wordsOf(text: string): string[] {
  const plain = IS_ASCII.test(text) ? text : text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC')
  return plain.toLowerCase().replace(SAME_CHARACTER, '臺').match(RUNS) ?? []
}

/** What a word in a text is found by: single CJK characters too. */
export function tokensOfTextWord(word: string): string[] {
  const tokens = tokensOfWord(word)
  return IS_CJK.test(word) ? [...new Set([...word, ...tokens])] : tokens
}

/** What one word of a query looks for. */
export function tokensOfWord(word: string): string[] {
  const isCjk = IS_CJK.test(word)
  const characters = isCjk ? [...word] : [' ', ' ', ...word, ' ']
  const size = isCjk ? Math.min(2, characters.length) : 3
  const tokens = new Set<string>()
  for (let at = 0; at + size <= characters.length; at++) tokens.add(characters.slice(at, at + size).join(''))
  return [...tokens]
}

/** How many of a word's tokens a text must have: three fifths, rounded up. */
export function tokensNeeded(tokens: number): number {
  return Math.ceil((tokens * 3) / 5)
}
