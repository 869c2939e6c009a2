# SPDX-License-Identifier: LGPL-2.1-or-later
# For a zsh on a terminal: the key TAB writes what would be offered, a line each, to the pipe $OFFERS.
PROMPT=
unsetopt beep
zstyle ':completion:*' completer _complete
autoload -Uz compinit
compinit -D -u

# Every match goes through compadd; those that are only asked for are not offered.
compadd () {
  local -a matched

  if [[ " ${@[1,(i)-|--]} " == *' -'[OAD]' '* ]]; then
    builtin compadd "$@"
    return
  fi
  builtin compadd -A matched "$@"
  offered+=("${(@)matched}")
  builtin compadd "$@"
}

offer () {
  local -a offered

  _main_complete
  print -rl -- "${(@)offered}" > $OFFERS
  compstate[list]=
  compstate[insert]=
}

zle -C offer list-choices offer
bindkey '^I' offer
