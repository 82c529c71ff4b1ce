/**
 * What a refusal to set a credential shows, to end a hint with. A system that lies, or somebody in its place, may have set
 * it all the same: the rotator keeps both versions sealed until one of them is proven.
 */
export const BY_ITS_WORD = 'By its own word the old one still holds; a proof shows which does.';
