/**
 * What people, systems, accounts, groups, paths, organisations and places are called: 1 to 63 of a-z, 0-9 and `-`. Not
 * `constructor`: it is the one such name that every object of JavaScript has a member of already, and an adversary's
 * `state.accounts[id]` must find nothing where there is nothing.
 */
export const ID = /^(?!constructor$)[a-z0-9-]{1,63}$/;
