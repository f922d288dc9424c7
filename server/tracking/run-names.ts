const PREDICATES =
  "able amazing amused ample apt awed bald big blushing bold brawny bright bustling calm capable carefree charming clean clear clever crawling dapper dazzling debonair defiant delicate dashing dazzled eager efficient enthused exultant fearless flawless fortunate fun funny gaudy gentle gifted glamorous grandiose gregarious handsome honorable hilarious hungry illustrious incongruous indecisive industrious intelligent intrigued invincible judicious kindly languid learned legendary likeable loud luminous luxuriant lyrical magnificent marvelous masked melodic merciful mercurial monumental mysterious nebulous nervous nimble nosy omniscient orderly overjoyed peaceful painted persistent placid polite popular powerful puzzled rambunctious rare rebellious respected resilient righteous receptive redolent rogue rumbling salty sassy secretive selective sedate serious shivering skillful sincere skittish silent smiling".split(
    " ",
  );
const NOUNS =
  "ant ape asp auk bass bat bear bee bird boar bug calf carp cat chimp cod colt conch cow crab crane croc crow cub deer doe dog dolphin donkey dove duck eel elk fawn finch fish flea fly foal fowl fox frog gnat gnu goat goose grouse grub gull hare hawk hen hog horse hound jay kit kite koi lamb lark loon lynx mare midge mink mole moose moth mouse mule newt owl ox panda penguin perch pig pug quail ram rat ray robin roo rook seal shad shark sheep shoat shrew shrike shrimp skink skunk sloth slug smelt snail snake snipe sow sponge squid squirrel stag steed stoat stork swan tern toad trout turtle vole wasp whale wolf worm wren yak zebra".split(
    " ",
  );

const pick = (words: readonly string[]): string => words[Math.floor(Math.random() * words.length)] ?? "run";

/** A name for a run or logged model that was given none, such as "calm-owl-417". */
export function randomName(): string {
  return `${pick(PREDICATES)}-${pick(NOUNS)}-${Math.floor(Math.random() * 1000)}`;
}
