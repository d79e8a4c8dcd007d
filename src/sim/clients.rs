//! Modelled clients: who asks which address, and whether it is answered.
