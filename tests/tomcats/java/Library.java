package com.acme.shop;

/** A WAR contains another class of this name, which lacks the method. */
public class Library {
    static int sum(int one, int other) {
        return one + other;
    }
}
