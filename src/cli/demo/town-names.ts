/** Invented names: no village, provider or street of the town exists. */
export const TOWN_NAME = 'Lanternbrook (invented)'

export const VILLAGE_NAMES: readonly string[] = [
  ...'Alderfield Amberlane Applegate Ashgrove Barleymow Beechwood Bellhaven Birchdale'.split(' '),
  ...'Bluewell Bramblewick Brookside Candlewick Cedarmill Cherrytree Cloverhill Copperfield'.split(' '),
  ...'Cranebridge Daisyfield Dovecote Elmstead Fernhollow Foxglove Goldcrest Greenwater'.split(' '),
  ...'Harborlight Hazelmere Heronsgate Hollybank Honeyfield Ivycourt Juniper Kingfisher'.split(' '),
  ...'Larkrise Laurelgate Lilypond Lindenhof Maplewell Marigold Meadowgate Millrace'.split(' '),
  ...'Moonbridge Mulberry Nightingale Oakshade Orchardend Osprey Pebblebrook Pinecroft'.split(' '),
  ...'Plumtree Poplars Quillgate Redstart Rosewater Rowanbank Saffron Silverbirch'.split(' '),
  ...'Skylark Sparrowhill Starling Stonewell Sunnyside Swallowfield Thistledown Willowbend'.split(' '),
]

export const FAMILY_NAMES: readonly string[] = [
  ...'Abernale Brightholm Calloway Dunmorrow Everwick Fairbourne Greymantle Hollowell'.split(' '),
  ...'Inglemere Jessamy Kettering Lorrimer Merriwood Norwell Oldacre Pennyworth'.split(' '),
  ...'Quenby Ravenshaw Summerley Tolliver Underhay Vennor Wetherby Yarrowby'.split(' '),
]
